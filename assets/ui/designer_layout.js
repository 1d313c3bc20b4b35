// Where blocks, lanes, "+" and edges of the canvas are: worked out from the tree whenever it changes, never kept.
import { TRIGGER, laneKey, spotKey } from "./designer_tree.js";

export const BLOCK = { width: 264, height: 68 };
export const PLUS = 24;
const GAP = 18;
const HEAD = 36;
const PAD = 20;
const BETWEEN = 20;
const STEP = GAP * 2 + PLUS;

/** How much room blocks below each other take, with a "+" before, between and after them. */
function roomOf(blocks) {
  const rooms = blocks.map(roomOfBlock);
  const width = Math.max(BLOCK.width, ...rooms.map((room) => room.width));
  return { rooms, width, height: rooms.reduce((sum, room) => sum + room.height, STEP * (blocks.length + 1)) };
}

/** The way of an edge: down, aside and down again, with round corners. */
export function turning(fromX, fromY, toX, toY, isEarly) {
  const aside = toX - fromX;
  if (Math.abs(aside) < 1) return `M${fromX} ${fromY}V${toY}`;
  const y = isEarly ? fromY + GAP / 2 : toY - GAP / 2;
  const r = Math.min(8, Math.abs(aside) / 2, Math.abs(y - fromY), Math.abs(toY - y));
  const x = Math.sign(aside) * r;
  return `M${fromX} ${fromY}V${y - r}Q${fromX} ${y} ${fromX + x} ${y}H${toX - x}Q${toX} ${y} ${toX} ${y + r}V${toY}`;
}

function roomOfBlock(block) {
  if (!block.lanes.length) return { ...BLOCK, lanes: [] };
  const lanes = block.lanes.map((lane) => roomOf(lane.blocks));
  const width = lanes.reduce((sum, lane) => sum + lane.width + PAD * 2, BETWEEN * (lanes.length - 1));
  const tallest = Math.max(...lanes.map((lane) => lane.height));
  return { width: Math.max(BLOCK.width, width), height: BLOCK.height + GAP * 2 + HEAD + tallest, lanes, tallest };
}

class Drawing {
  nodes = [];
  edges = [];

  node(id, type, x, y, width, height, data, more) {
    this.nodes.push({ id, type, position: { x, y }, width, height, data, draggable: false, selectable: false, focusable: false, ...more });
    return id;
  }

  /** `isEarly`: it turns aside right below its source, else right above its target. */
  edge(source, target, isEarly = true) {
    this.edges.push({ id: `${source}>${target}`, source, target, type: "turn", focusable: false, selectable: false, data: { isEarly } });
  }

  /** Blocks below each other around `middle`. Gives the last "+" and where the next thing may begin. */
  column(blocks, room, owner, place, middle, top, from, inside) {
    let y = top;
    let last = from;
    const plus = (index) => {
      const spot = { owner, place, index };
      const id = this.node(`+${spotKey(spot)}`, "plus", middle - PLUS / 2, y + GAP, PLUS, PLUS, { spot, inside }, { zIndex: 3 });
      if (last) this.edge(last, id);
      last = id;
      y += STEP;
    };
    plus(0);
    blocks.forEach((block, index) => {
      const left = middle - BLOCK.width / 2;
      this.node(block.id, "block", left, y, BLOCK.width, BLOCK.height, { block, inside }, { draggable: undefined, zIndex: 2 });
      this.edge(last, block.id);
      last = this.lanes(block, room.rooms[index], middle, y, inside);
      y += room.rooms[index].height;
      plus(index + 1);
    });
    return last;
  }

  /** What a block holds, side by side. Gives what the next step comes after. */
  lanes(block, room, middle, top, inside) {
    if (!block.lanes.length) return block.id;
    const whole = room.lanes.reduce((sum, lane) => sum + lane.width + PAD * 2, BETWEEN * (room.lanes.length - 1));
    let x = middle - whole / 2;
    const y = top + BLOCK.height + GAP;
    const within = [...inside, block.id];
    const join = this.node(`=${block.id}`, "join", middle - 1, y + HEAD + room.tallest + GAP, 2, 2, {});
    block.lanes.forEach((lane, number) => {
      const width = room.lanes[number].width + PAD * 2;
      const id = laneKey(block.id, lane.place);
      this.node(id, "lane", x, y, width, HEAD + room.tallest, { lane, owner: block.id, inside: within }, { zIndex: inside.length - 10 });
      this.edge(block.id, id);
      const last = this.column(lane.blocks, room.lanes[number], block.id, lane.place, x + width / 2, y + HEAD, null, within);
      this.edge(last, join, false);
      x += width + BETWEEN;
    });
    return join;
  }
}

export function drawn(tree) {
  const drawing = new Drawing();
  const room = roomOf(tree.blocks);
  drawing.node(TRIGGER, "trigger", -BLOCK.width / 2, 0, BLOCK.width, BLOCK.height, { block: tree.trigger }, { zIndex: 2 });
  const last = drawing.column(tree.blocks, room, "", "steps", 0, BLOCK.height, TRIGGER, []);
  drawing.node("!", "end", -40, BLOCK.height + room.height, 80, 26, {});
  drawing.edge(last, "!");
  return drawing;
}
