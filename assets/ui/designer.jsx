// The designer: one tree, seen as a canvas or as an outline, changed by the same keys and buttons in both. The server's
// answer, told by `settled`, is the tree; what was just added or moved is focused then.
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { neighbour, rowBeside, rowsOf, spotKey, TRIGGER } from "./designer_tree.js";
import { Outline } from "./designer_outline.jsx";
import { ChoicePalette } from "./choice_palette.jsx";
import { useIsNarrow, useKeptView, Views } from "./designer_views.jsx";
import { Icon } from "./icon.jsx";

const Canvas = lazy(() => import("./designer_canvas.jsx").then(({ Canvas }) => ({ default: Canvas })));
const UNDOING = "compensate";
const PANEL = "#step-panel input:not([type=hidden]), #step-panel select, #step-panel textarea";
const PASTE = { name: "", label: "Paste", note: "What was copied", icon: "clipboard", group: "Clipboard", family: "plain" };

function Tool({ icon, label, keys, disabled, onClick, children }) {
  return (
    <button type="button" className={children ? "button" : "icon-button"} aria-label={label} title={keys ? `${label} (${keys})` : label} aria-keyshortcuts={keys || undefined} disabled={disabled} onClick={onClick}>
      <Icon name={icon} />
      {children}
    </button>
  );
}

export function Designer({ tree, chosen, settled, types, canPaste, undoLabel, redoLabel, onChoose, onAdd, onMove, onRemove, onCopy, onPaste, onUndo, onRedo }) {
  const isNarrow = useIsNarrow();
  const [view, setView] = useKeptView();
  const [focused, setFocused] = useState(TRIGGER);
  const [adding, setAdding] = useState(null);
  const [wanted, setWanted] = useState(null);
  const [said, setSaid] = useState("");
  // What is to be focused once an answer has it; an earlier answer may still be on its way.
  const pending = useRef(null);
  const awaitNew = () => {
    pending.current = (now, id) => id !== chosen && now.has(id) && id;
  };
  // The step whose panel is to be focused once it's the one shown: an earlier answer still shows the panel before it.
  const opens = useRef(null);
  const list = useMemo(() => rowsOf(tree), [tree]);
  const rows = useMemo(() => new Map(list.map((row) => [row.key, row])), [list]);
  const current = rows.get(focused) ?? rows.get(chosen) ?? rows.get(TRIGGER);

  const focus = (key) => {
    setFocused(key);
    setWanted({ key });
  };
  useEffect(() => {
    if (!wanted) return;
    const element = document.getElementById(`block-${wanted.key}`);
    element?.focus({ preventScroll: view === "canvas" && !isNarrow });
    if (element && isNarrow) element.scrollIntoView({ block: "nearest" });
  }, [wanted]);
  useEffect(() => {
    const key = pending.current?.(rows, chosen);
    if (key) {
      pending.current = null;
      focus(key);
    } else if (!rows.has(focused) && document.activeElement === document.body) focus(rows.has(chosen) ? chosen : TRIGGER);
  }, [settled, rows, chosen]);
  useEffect(() => {
    if (opens.current !== chosen) return;
    opens.current = null;
    setTimeout(() => document.querySelector(PANEL)?.focus(), 60);
  }, [chosen, settled]);

  const blockOf = (key) => (rows.get(key)?.kind === "lane" ? rows.get(key).owner : key);
  const acts = {};
  acts.choose = (key) => {
    pending.current = null;
    setFocused(key);
    onChoose(blockOf(key));
  };
  acts.open = (row) => {
    opens.current = blockOf(row.key);
    acts.choose(row.key);
  };
  acts.add = (spot) => setAdding(spot);
  acts.put = (type) => {
    if (type === PASTE.name) return acts.paste(adding);
    awaitNew();
    return onAdd(adding.owner, adding.place, adding.index, type);
  };
  acts.paste = (spot) => {
    awaitNew();
    onPaste(spot.owner, spot.place, spot.index);
  };
  acts.remove = (row) => {
    if (row.kind !== "block") return;
    const at = list.indexOf(row);
    const next = (list.slice(at + 1).find((each) => each.kind === "block" && each.level <= row.level) ?? list[at - 1]).key;
    pending.current = (now) => !now.has(row.key) && next;
    setSaid(`${row.node.label} removed.`);
    onRemove(row.key);
  };
  acts.move = (id, spot) => {
    const from = spotKey(rows.get(id).at);
    pending.current = (now) => now.has(id) && spotKey(now.get(id).at) !== from && id;
    setSaid(`${rows.get(id).node.label} moved.`);
    onMove(id, spot.owner, spot.place, spot.index);
  };
  acts.step = (row, by) => {
    const spot = row.kind === "block" && neighbour(tree, row, by);
    if (spot) acts.move(row.key, spot);
  };
  acts.copy = (row) => {
    if (row.kind !== "block") return;
    setSaid(`${row.node.label} copied.`);
    onCopy(row.key);
  };
  const onControlKey = (event, row) => {
    const key = event.key.toLowerCase();
    const done = { c: () => acts.copy(row), v: () => acts.paste(row.after), x: () => { acts.copy(row); acts.remove(row); }, z: event.shiftKey ? onRedo : onUndo, y: onRedo }[key];
    if (!done) return false;
    done();
    return true;
  };
  const onPlainKey = (event, row) => {
    const next = rowBeside(list, list.indexOf(row), event.key);
    if (next) focus(next.key);
    else if (event.key === "Enter" || event.key === " ") acts.open(row);
    else if (event.key === "Insert" || event.key === "+") acts.add(row.after);
    else if (event.key === "Delete" || event.key === "Backspace") acts.remove(row);
    else return event.key.startsWith("Arrow");
    return true;
  };
  const onKey = (event, row) => {
    const by = event.altKey && { ArrowUp: -1, ArrowDown: 1 }[event.key];
    let isDone = true;
    if (by) acts.step(row, by);
    else if (event.ctrlKey || event.metaKey) isDone = onControlKey(event, row);
    else isDone = !event.altKey && onPlainKey(event, row);
    if (isDone) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const latest = useRef(null);
  latest.current = { acts, onKey };
  const steady = useMemo(
    () => ({
      onFocus: setFocused,
      onChoose: (key) => latest.current.acts.choose(key),
      onKey: (event, row) => latest.current.onKey(event, row),
      onAdd: (spot) => latest.current.acts.add(spot),
      onMove: (id, spot) => latest.current.acts.move(id, spot),
    }),
    [],
  );
  const shown = isNarrow ? "outline" : view;
  const isBlock = current.kind === "block";
  const hasUndo = isBlock && current.node.lanes.some((lane) => lane.place === UNDOING);
  return (
    <div className="designer" data-view={shown}>
      <div className="designer-tools" role="toolbar" aria-label="Steps">
        <Tool icon="plus" label="Add a step after this" keys="Insert" onClick={() => acts.add(current.after)}>Add</Tool>
        <Tool icon="arrow-up" label="Move earlier" keys="Alt+ArrowUp" disabled={!isBlock || !neighbour(tree, current, -1)} onClick={() => acts.step(current, -1)} />
        <Tool icon="arrow-down" label="Move later" keys="Alt+ArrowDown" disabled={!isBlock || !neighbour(tree, current, 1)} onClick={() => acts.step(current, 1)} />
        <Tool icon="corner-down-left" label="Add a step that undoes this, should a later one fail" disabled={!isBlock || hasUndo} onClick={() => acts.add({ owner: current.key, place: UNDOING, index: 0 })} />
        <Tool icon="copy" label="Copy" keys="Control+C" disabled={!isBlock} onClick={() => acts.copy(current)} />
        <Tool icon="clipboard" label="Paste after this" keys="Control+V" disabled={!canPaste} onClick={() => acts.paste(current.after)} />
        <Tool icon="trash-2" label="Delete" keys="Delete" disabled={!isBlock} onClick={() => acts.remove(current)} />
        <span className="designer-tools-gap" />
        <Tool icon="undo-2" label={undoLabel ? `Undo: ${undoLabel}` : "Undo"} keys="Control+Z" disabled={!undoLabel} onClick={onUndo} />
        <Tool icon="redo-2" label={redoLabel ? `Redo: ${redoLabel}` : "Redo"} keys="Control+Y" disabled={!redoLabel} onClick={onRedo} />
        {!isNarrow && <Views view={view} onChange={setView} />}
      </div>
      {shown === "canvas" ? (
        <Suspense fallback={<div className="canvas-frame" />}>
          <Canvas tree={tree} rows={rows} focused={current.key} chosen={chosen} wanted={wanted} {...steady} />
        </Suspense>
      ) : (
        <Outline tree={tree} rows={rows} focused={current.key} chosen={chosen} {...steady} />
      )}
      {adding && (
        <ChoicePalette title="Add a step" placeholder="Which step?" choices={canPaste ? [PASTE, ...types] : types} onChoose={acts.put} onClose={() => setAdding(null)} />
      )}
      <div role="status" className="visually-hidden">
        {said}
      </div>
    </div>
  );
}
