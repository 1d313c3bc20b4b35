// What became of a run, on the same canvas and in the same outline in which it was drawn; nothing in them can be changed.
import { lazy, Suspense, useMemo, useRef, useState } from "react";
import { rowBeside, rowsOf, TRIGGER } from "./designer_tree.js";
import { Outline } from "./designer_outline.jsx";
import { useIsNarrow, useKeptView, Views } from "./designer_views.jsx";

const Canvas = lazy(() => import("./designer_canvas.jsx").then(({ Canvas }) => ({ default: Canvas })));

export function RunCanvas({ tree, chosen, onChoose }) {
  const isNarrow = useIsNarrow();
  const [view, setView] = useKeptView();
  const [focused, setFocused] = useState(chosen || TRIGGER);
  const [wanted, setWanted] = useState({ key: chosen });
  const list = useMemo(() => rowsOf(tree), [tree]);
  const rows = useMemo(() => new Map(list.map((row) => [row.key, row])), [list]);
  const choose = (key) => {
    setFocused(key);
    const row = rows.get(key);
    onChoose(row?.kind === "lane" ? row.owner : key);
  };
  const onKey = (event, row) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const next = rowBeside(list, list.indexOf(row), event.key);
    if (next) {
      setFocused(next.key);
      setWanted({ key: next.key });
      document.getElementById(`block-${next.key}`)?.focus({ preventScroll: view === "canvas" && !isNarrow });
    } else if (event.key === "Enter" || event.key === " ") choose(row.key);
    else if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const latest = useRef(null);
  latest.current = { choose, onKey };
  const steady = useMemo(
    () => ({ onFocus: setFocused, onChoose: (key) => latest.current.choose(key), onKey: (event, row) => latest.current.onKey(event, row) }),
    [],
  );
  const shown = isNarrow ? "outline" : view;
  const current = rows.has(focused) ? focused : TRIGGER;
  return (
    <div className="designer run-canvas" data-view={shown}>
      {!isNarrow && <Views view={view} onChange={setView} />}
      {shown === "canvas" ? (
        <Suspense fallback={<div className="canvas-frame" />}>
          <Canvas tree={tree} rows={rows} focused={current} chosen={chosen} wanted={wanted} isFixed {...steady} />
        </Suspense>
      ) : (
        <Outline tree={tree} rows={rows} focused={current} chosen={chosen} {...steady} />
      )}
    </div>
  );
}
