// The same tree as text: a tree by the book, read and changed without seeing or dragging anything. Phones have only this.
import { Icon } from "./icon.jsx";
import { laneKey, TRIGGER, wordsOf } from "./designer_tree.js";

function Item({ row, rows, acts, children, toggles }) {
  const { focused, chosen, onFocus, onChoose, onKey } = acts;
  const { node } = row;
  return (
    <li
      role="treeitem"
      id={`block-${row.key}`}
      className={`outline-item outline-${row.kind}`}
      tabIndex={focused === row.key ? 0 : -1}
      aria-level={row.level}
      aria-label={wordsOf(row)}
      aria-selected={chosen === row.key}
      aria-expanded={toggles ? true : undefined}
      data-problem={Boolean(node.problem)}
      data-state={node.state}
      onFocus={(event) => {
        if (event.target === event.currentTarget) onFocus(row.key);
      }}
      onKeyDown={(event) => {
        if (event.target === event.currentTarget) onKey(event, row);
      }}
    >
      <div className="outline-line" onClick={() => onChoose(row.key)}>
        {row.kind !== "lane" && (
          <span className={`block-mark block-mark-${row.kind === "trigger" ? "trigger" : node.family}`}>
            <Icon name={node.icon} />
          </span>
        )}
        <span className="block-words">
          <span className={row.kind === "lane" ? "lane-label" : "block-label"}>{node.label}</span>
          {row.kind !== "lane" && <span className="block-note">{node.problem || node.note}</span>}
          {row.kind === "lane" && !node.blocks.length && <span className="block-note">Nothing yet</span>}
        </span>
        {node.why && (
          <span className="block-why" title={node.why}>
            <Icon name="sticky-note" />
          </span>
        )}
        {node.times > 0 && <span className="block-times">{node.times}×</span>}
        {node.sign && <Icon name={node.sign} className="icon block-sign" />}
      </div>
      {children}
    </li>
  );
}

function Blocks({ blocks, rows, acts }) {
  return blocks.map((block) => (
    <Item key={block.id} row={rows.get(block.id)} rows={rows} acts={acts} toggles={block.lanes.length > 0}>
      {block.lanes.length > 0 && (
        <ul role="group">
          {block.lanes.map((lane) => {
            const key = laneKey(block.id, lane.place);
            return (
              <Item key={key} row={rows.get(key)} rows={rows} acts={acts} toggles={lane.blocks.length > 0}>
                {lane.blocks.length > 0 && (
                  <ul role="group">
                    <Blocks blocks={lane.blocks} rows={rows} acts={acts} />
                  </ul>
                )}
              </Item>
            );
          })}
        </ul>
      )}
    </Item>
  ));
}

export function Outline({ tree, rows, ...acts }) {
  return (
    <ul role="tree" aria-label="Steps" className="outline">
      <Item row={rows.get(TRIGGER)} rows={rows} acts={acts} />
      <Blocks blocks={tree.blocks} rows={rows} acts={acts} />
    </ul>
  );
}
