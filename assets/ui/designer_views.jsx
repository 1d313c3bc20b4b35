// Whether a tree of steps is seen as a canvas or as an outline: phones have the outline, everybody else chooses.
import { useEffect, useState } from "react";
import { Icon } from "./icon.jsx";

const KEPT_VIEW = "trellis-designer-view";
const NARROW = "(max-width: 800px)";
const VIEWS = [["canvas", "workflow", "Canvas"], ["outline", "list-checks", "Outline"]];

export function useIsNarrow() {
  const [isNarrow, setIsNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const change = () => setIsNarrow(query.matches);
    query.addEventListener("change", change);
    return () => query.removeEventListener("change", change);
  }, []);
  return isNarrow;
}

export function useKeptView() {
  const [view, setView] = useState(() => localStorage.getItem(KEPT_VIEW) ?? "canvas");
  const change = (name) => {
    localStorage.setItem(KEPT_VIEW, name);
    setView(name);
  };
  return [view, change];
}

export function Views({ view, onChange }) {
  return (
    <div className="segments" role="group" aria-label="Shown as">
      {VIEWS.map(([name, icon, label]) => (
        <button key={name} type="button" className="segment" aria-pressed={view === name} onClick={() => onChange(name)}>
          <Icon name={icon} />
          {label}
        </button>
      ))}
    </div>
  );
}
