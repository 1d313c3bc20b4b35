// What a role may do: objects down, actions across. A cell is a select that holds its choices only while somebody is
// at it, and lines are drawn as they come near the screen, so that two hundred objects stay quick. Arrow keys go from
// cell to cell, Enter opens one.
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const AT_ONCE = 40;
const PLACED = ["territory", "territory_below"];

const Cell = memo(function Cell({ cell, object, label, action, scopes, isPlaced, isStop, at, value, isReadOnly, onSet, onStop }) {
  const [isHere, setHere] = useState(false);
  const word = (each) => (each === "" ? cell.other || "–" : (scopes.find((scope) => scope.value === each)?.label ?? each));
  const offered = ["", ...scopes.map((scope) => scope.value).filter((each) => isPlaced || each === value || !PLACED.includes(each))];
  const notes = [
    value !== "" && cell.other && `also ${cell.other.toLowerCase()}, from elsewhere`,
    cell.is_void && "forbidden elsewhere",
    cell.rules > 0 && `${cell.rules} ${cell.rules === 1 ? "rule" : "rules"}`,
  ].filter(Boolean);
  const css = ["matrix-cell", value === "" && "is-none", value === "deny" && "is-never", value !== cell.was && "is-changed"];
  return (
    <td data-label={action.label}>
      <select
        className={css.filter(Boolean).join(" ")}
        aria-label={`${action.label} ${label}`}
        aria-description={[value === "" && cell.other ? "from elsewhere" : "", ...notes].filter(Boolean).join(", ") || undefined}
        title={notes.join(", ") || undefined}
        data-at={at}
        tabIndex={isStop ? 0 : -1}
        disabled={isReadOnly}
        value={value}
        onPointerDown={() => flushSync(() => setHere(true))}
        onFocus={() => {
          setHere(true);
          onStop(at);
        }}
        onBlur={() => setHere(false)}
        onChange={(event) => onSet(object, action.value, event.target.value)}
      >
        {(isHere ? offered : [value]).map((each) => (
          <option key={each} value={each}>
            {word(each)}
          </option>
        ))}
      </select>
      {(cell.rules > 0 || cell.is_void) && <span className="matrix-mark" aria-hidden="true" title={notes.join(", ")} />}
    </td>
  );
});

const Line = memo(function Line({ line, row, actions, scopes, chosen, stop, isReadOnly, onSet, onStop, onOpen }) {
  return (
    <tr>
      <th scope="row">
        {line.name === "*" ? (
          <span className="matrix-object">{line.label}</span>
        ) : (
          <button type="button" className="matrix-object" aria-haspopup="dialog" onClick={() => onOpen(line.name)}>
            {line.label}
            <svg className="icon" aria-hidden="true">
              <use href="/icons.svg#chevron-right" />
            </svg>
          </button>
        )}
        {line.fields && <span className="quiet">{line.fields}</span>}
      </th>
      {actions.map((action, column) => (
        <Cell
          key={action.value}
          cell={line.cells[column]}
          object={line.name}
          label={line.label}
          action={action}
          scopes={scopes}
          isPlaced={line.is_placed}
          isStop={stop === column}
          at={`${row} ${column}`}
          value={chosen?.[action.value] ?? line.cells[column].own}
          isReadOnly={isReadOnly}
          onSet={onSet}
          onStop={onStop}
        />
      ))}
    </tr>
  );
});

// At the end of what is drawn: asks for more before it is reached.
function More({ onNear }) {
  const here = useRef(null);
  useEffect(() => {
    const near = new IntersectionObserver((found) => found.some((each) => each.isIntersecting) && onNear(), {
      root: here.current.closest(".matrix-scroll"),
      rootMargin: "800px",
    });
    near.observe(here.current);
    return () => near.disconnect();
  }, [onNear]);
  return (
    <tr ref={here} className="matrix-more" aria-hidden="true">
      <td />
    </tr>
  );
}

export function RoleMatrix({ lines, actions, scopes, isReadOnly, onSet, onOpen }) {
  const [chosen, setChosen] = useState({});
  const [words, setWords] = useState("");
  const [stop, setStop] = useState("0 0");
  const [most, setMost] = useState(AT_ONCE);
  const grid = useRef(null);
  const send = useRef(onSet);
  const show = useRef(onOpen);
  send.current = onSet;
  show.current = onOpen;
  useEffect(() => setChosen({}), [lines]);
  const set = useCallback((object, action, scope) => {
    setChosen((known) => ({ ...known, [object]: { ...known[object], [action]: scope } }));
    send.current(object, action, scope);
  }, []);
  const open = useCallback((object) => show.current(object), []);
  const wanted = words.trim().toLowerCase();
  const shown = useMemo(
    () => lines.filter((line) => !wanted || line.label.toLowerCase().includes(wanted) || line.name.includes(wanted)),
    [lines, wanted],
  );
  const [stopRow, stopColumn] = stop.split(" ").map(Number);
  const row = Math.min(stopRow, Math.max(shown.length - 1, 0));
  const drawn = shown.slice(0, Math.max(most, row + 2));
  const onNear = useCallback(() => setMost((known) => known + AT_ONCE / 2), []);
  const onKeyDown = (event) => {
    const at = event.target.dataset?.at;
    if (!at || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      event.target.showPicker?.();
      return;
    }
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const [down, across] = at.split(" ").map(Number);
    grid.current.querySelector(`[data-at="${down + step[0]} ${across + step[1]}"]`)?.focus();
  };
  return (
    <div className="matrix">
      <div className="matrix-tools">
        <label className="search-input">
          <svg className="icon" aria-hidden="true">
            <use href="/icons.svg#search" />
          </svg>
          <input type="search" placeholder="Find an object" aria-label="Find an object" value={words} onChange={(event) => setWords(event.target.value)} />
        </label>
        <p className="quiet matrix-help">Arrow keys go from cell to cell, Enter opens one. Faint: from a role that it inherits, or from all objects.</p>
      </div>
      <div className="matrix-scroll" role="region" aria-label="What the role may do" tabIndex={-1}>
        <table ref={grid} onKeyDown={onKeyDown} aria-rowcount={shown.length + 1}>
          <thead>
            <tr>
              <th scope="col">Object</th>
              {actions.map((action) => (
                <th key={action.value} scope="col">
                  {action.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {drawn.map((line, at) => (
              <Line
                key={line.name}
                line={line}
                row={at}
                actions={actions}
                scopes={scopes}
                chosen={chosen[line.name]}
                stop={at === row ? stopColumn : -1}
                isReadOnly={isReadOnly}
                onSet={set}
                onStop={setStop}
                onOpen={open}
              />
            ))}
            {drawn.length < shown.length && <More key={drawn.length} onNear={onNear} />}
          </tbody>
        </table>
        {shown.length === 0 && <p className="quiet matrix-empty">No object is called like that.</p>}
      </div>
    </div>
  );
}
