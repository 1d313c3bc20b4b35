// The tree of an automation as rows that the keyboard goes through, and as spots where a step can stand.
// `trigger` heads the lane of the automation itself; a block has lanes, a lane has blocks.

export const TRIGGER = "@";
export const spotKey = ({ owner, place, index }) => `${owner}:${place}:${index}`;
export const laneKey = (owner, place) => `${owner}:${place}`;

/** Every trigger, block and lane, in the order in which they are read. Lanes of steps are rows; the automation's is not. */
export function rowsOf(tree) {
  const rows = [{ key: TRIGGER, kind: "trigger", node: tree.trigger, level: 1, parent: "", after: { owner: "", place: "steps", index: 0 } }];
  const addBlocks = (blocks, owner, place, level, parent) =>
    blocks.forEach((block, index) => {
      const at = { owner, place, index };
      rows.push({ key: block.id, kind: "block", node: block, level, parent, at, size: blocks.length, after: { ...at, index: index + 1 } });
      block.lanes.forEach((lane, number) => {
        const key = laneKey(block.id, lane.place);
        rows.push({ key, kind: "lane", node: lane, owner: block.id, level: level + 1, parent: block.id, number, size: block.lanes.length, after: { owner: block.id, place: lane.place, index: 0 } });
        addBlocks(lane.blocks, block.id, lane.place, level + 2, key);
      });
    });
  addBlocks(tree.blocks, "", "steps", 1, "");
  return rows;
}

/** Every place where a step could stand, in reading order; without those inside the step `but`. */
export function spotsOf(tree, but) {
  const spots = [];
  const add = (blocks, owner, place) => {
    blocks.forEach((block, index) => {
      spots.push({ owner, place, index });
      if (block.id !== but) block.lanes.forEach((lane) => add(lane.blocks, block.id, lane.place));
    });
    spots.push({ owner, place, index: blocks.length });
  };
  add(tree.blocks, "", "steps");
  return spots;
}

/** Where a step goes one place earlier or later: over the border of a lane where it stands at its end. */
export function neighbour(tree, row, by) {
  const spots = spotsOf(tree, row.key);
  const at = spots.findIndex((spot) => spotKey(spot) === spotKey(row.at));
  return by < 0 ? spots[at - 1] : spots[at + 2];
}

/** The row that an arrow key leads to. */
export function rowBeside(rows, at, key) {
  const row = rows[at];
  if (key === "ArrowDown") return rows[at + 1];
  if (key === "ArrowUp") return rows[at - 1];
  if (key === "Home") return rows[0];
  if (key === "End") return rows[rows.length - 1];
  if (key === "ArrowRight") return rows[at + 1]?.parent === row.key ? rows[at + 1] : undefined;
  if (key === "ArrowLeft") return rows.find((each) => each.key === row.parent) ?? rows[0];
  return undefined;
}

/** What a screen reader says of a row. */
export function wordsOf(row) {
  const { node } = row;
  const problem = node.problem ? ` Problem: ${node.problem}` : "";
  if (row.kind === "trigger") return `Trigger: ${node.label}. ${node.note}${problem}`;
  if (row.kind === "lane") return `${node.label}: ${node.blocks.length === 1 ? "1 step" : `${node.blocks.length} steps`}`;
  const said = node.said ? ` ${node.said}.` : "";
  return `${node.label}. ${node.label === node.kind ? "" : `${node.kind}. `}${node.note}${said}${node.why ? ` Note: ${node.why}.` : ""}${problem}`;
}
