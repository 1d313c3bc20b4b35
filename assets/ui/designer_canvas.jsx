// The tree drawn by React Flow. Everything on it is derived; what is dragged goes back where the tree says it is, unless
// it is dropped on a "+". With `isFixed` nothing can be changed, as where it shows what a run did.
import { createContext, memo, useContext, useEffect, useMemo, useRef, useState } from "react";
import { Background, BaseEdge, Controls, Handle, MiniMap, Position, ReactFlow, ReactFlowProvider, useNodesState, useReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { BLOCK, drawn, PLUS, turning } from "./designer_layout.js";
import { spotKey, wordsOf } from "./designer_tree.js";
import { Icon } from "./icon.jsx";

const REACH = 110;
const LEAST_ZOOM = 0.1;
const LEAST_AT_FIRST = 0.5;
const SMALL_MAP = { width: 132, height: 96 };
const Acts = createContext(null);

const Ends = () => (
  <>
    <Handle type="target" position={Position.Top} isConnectable={false} />
    <Handle type="source" position={Position.Bottom} isConnectable={false} />
  </>
);

function Marked({ row, className, children }) {
  const { focused, chosen, onFocus, onChoose, onKey } = useContext(Acts);
  return (
    <button
      type="button"
      id={`block-${row.key}`}
      className={className}
      tabIndex={focused === row.key ? 0 : -1}
      aria-label={wordsOf(row)}
      aria-current={chosen === row.key ? "true" : undefined}
      data-state={row.node.state}
      data-problem={Boolean(row.node.problem)}
      onFocus={() => onFocus(row.key)}
      onClick={() => onChoose(row.key)}
      onKeyDown={(event) => onKey(event, row)}
    >
      {children}
    </button>
  );
}

function Face({ row }) {
  const { node } = row;
  return (
    <>
      <span className={`block-mark block-mark-${row.kind === "trigger" ? "trigger" : node.family}`}>
        <Icon name={node.icon} />
      </span>
      <span className="block-words">
        <span className="block-label">{node.label}</span>
        <span className="block-note">{node.problem || node.note}</span>
      </span>
      {node.why && (
        <span className="block-why" title={node.why}>
          <Icon name="sticky-note" />
        </span>
      )}
      {node.times > 0 && <span className="block-times">{node.times}×</span>}
      {node.sign ? <Icon name={node.sign} className="icon block-sign" /> : node.problem && <Icon name="triangle-alert" className="icon block-alert" />}
    </>
  );
}

const BlockNode = memo(function BlockNode({ id, data }) {
  const { rows, lifted } = useContext(Acts);
  const row = rows.get(id);
  if (!row) return null;
  return (
    <div className="canvas-block" data-lifted={id === lifted || data.inside?.includes(lifted)}>
      <Ends />
      <Marked row={row} className="block">
        <Face row={row} />
      </Marked>
    </div>
  );
});

const LaneNode = memo(function LaneNode({ id, data }) {
  const { rows, lifted } = useContext(Acts);
  const row = rows.get(id);
  if (!row) return null;
  return (
    <div className="canvas-lane" data-lifted={data.inside.includes(lifted)} data-taken={data.lane.is_taken}>
      <Ends />
      <Marked row={row} className="lane-head nodrag">
        <span className="lane-label">{data.lane.label}</span>
      </Marked>
    </div>
  );
});

const PlusNode = memo(function PlusNode({ data }) {
  const { over, lifted, isFixed, onAdd } = useContext(Acts);
  if (isFixed) {
    return (
      <div className="canvas-thread">
        <Ends />
      </div>
    );
  }
  const key = spotKey(data.spot);
  return (
    <div className="canvas-plus" data-over={over === key} data-open={Boolean(lifted) && !data.inside.includes(lifted)}>
      <Ends />
      <button type="button" className="plus nodrag nopan" tabIndex={-1} aria-label={data.words ?? "Add a step here"} data-spot={key} onClick={() => onAdd(data.spot)}>
        <Icon name="plus" />
      </button>
    </div>
  );
});

const JoinNode = memo(() => <Ends />);
const EndNode = memo(() => (
  <div className="canvas-end">
    <Ends />
    End
  </div>
));
const Turn = memo(({ id, sourceX, sourceY, targetX, targetY, data }) => (
  <BaseEdge id={id} path={turning(sourceX, sourceY, targetX, targetY, data.isEarly)} />
));
const EDGE_TYPES = { turn: Turn };
const NODE_TYPES = { trigger: BlockNode, block: BlockNode, lane: LaneNode, plus: PlusNode, join: JoinNode, end: EndNode };

/** The "+" that a dragged block is over or near; none that stands inside the block. */
function spotNear(nodes, dragged) {
  const x = dragged.position.x + BLOCK.width / 2;
  const y = dragged.position.y + BLOCK.height / 2;
  let best = null;
  for (const node of nodes) {
    if (node.type !== "plus" || node.data.inside.includes(dragged.id)) continue;
    const far = Math.hypot(node.position.x + PLUS / 2 - x, (node.position.y + PLUS / 2 - y) * 1.4);
    if (far < (best?.far ?? REACH)) best = { far, spot: node.data.spot };
  }
  return best?.spot ?? null;
}

function Flow({ tree, rows, focused, chosen, wanted, isFixed, onFocus, onChoose, onKey, onAdd, onMove }) {
  const drawing = useMemo(() => drawn(tree), [tree]);
  const [nodes, setNodes, onNodesChange] = useNodesState(drawing.nodes);
  const [lifted, setLifted] = useState("");
  const [over, setOver] = useState("");
  const spot = useRef(null);
  const frame = useRef(null);
  const { getViewport, setCenter, setViewport } = useReactFlow();
  useEffect(() => setNodes(drawing.nodes), [drawing]);

  const reveal = (key) => {
    const node = drawing.nodes.find((each) => each.id === key);
    if (!node || !frame.current) return;
    const { x, y, zoom } = getViewport();
    const left = node.position.x * zoom + x;
    const top = node.position.y * zoom + y;
    const { clientWidth, clientHeight } = frame.current;
    const isSeen = left > 0 && top > 0 && left + node.width * zoom < clientWidth && top + Math.min(node.height, BLOCK.height) * zoom < clientHeight;
    if (!isSeen) setCenter(node.position.x + node.width / 2, node.position.y + BLOCK.height / 2, { zoom, duration: isFixed ? 0 : 160 });
  };
  useEffect(() => {
    if (wanted) reveal(wanted.key);
  }, [wanted, drawing]);

  const acts = useMemo(
    () => ({ rows, focused, chosen, lifted, over, isFixed, onFocus, onChoose, onKey, onAdd }),
    [rows, focused, chosen, lifted, over, isFixed, onFocus, onChoose, onKey, onAdd],
  );
  /** From the trigger downwards, as wide as it fits. */
  const begin = () => {
    const width = frame.current.clientWidth;
    const half = Math.max(...drawing.nodes.map((node) => Math.max(-node.position.x, node.position.x + node.width)));
    setViewport({ x: width / 2, y: 28, zoom: Math.max(LEAST_AT_FIRST, Math.min(1, width / (2 * half + 48))) });
    if (isFixed && wanted) setTimeout(() => reveal(wanted.key), 60);
  };
  const drag = (_event, node) => {
    spot.current = spotNear(drawing.nodes, node);
    setLifted(node.id);
    setOver(spot.current ? spotKey(spot.current) : "");
  };
  const drop = (_event, node) => {
    const to = spot.current;
    setLifted("");
    setOver("");
    spot.current = null;
    setNodes(drawing.nodes);
    if (to) onMove(node.id, to);
  };
  return (
    <Acts.Provider value={acts}>
      <div ref={frame} className="canvas-frame">
        <ReactFlow
          nodes={nodes}
          edges={lifted ? drawing.edges.filter((edge) => edge.source !== lifted && edge.target !== lifted) : drawing.edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          onNodesChange={onNodesChange}
          onNodeDrag={drag}
          onNodeDragStop={drop}
          nodesDraggable={!isFixed}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode={null}
          multiSelectionKeyCode={null}
          zoomOnDoubleClick={false}
          nodeDragThreshold={4}
          minZoom={LEAST_ZOOM}
          maxZoom={1.5}
          onInit={begin}
          proOptions={{ hideAttribution: true }}
          aria-label="Canvas"
        >
          <Background gap={20} size={1} />
          <Controls showInteractive={false} position="bottom-left" />
          <MiniMap style={SMALL_MAP} pannable zoomable position="bottom-right" nodeClassName={({ type }) => `mini-${type}`} ariaLabel="Small map of the canvas" />
        </ReactFlow>
      </div>
    </Acts.Provider>
  );
}

export function Canvas(props) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  );
}

