// Inside a form with a table of inputs: arrow up and down, and Enter, go to the same cell of the next row.
import { useEffect, useRef } from "react";

export function SheetKeys() {
  const mark = useRef(null);
  useEffect(() => {
    const form = mark.current?.closest("form");
    if (!form) return undefined;
    const move = (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
      const cell = event.target.closest?.("tbody td");
      if (!by || !cell || event.isComposing) return;
      event.preventDefault();
      const rows = [...cell.closest("tbody").rows];
      const next = rows[rows.indexOf(cell.parentElement) + by];
      next?.cells[cell.cellIndex]?.querySelector("input")?.focus();
    };
    form.addEventListener("keydown", move);
    return () => form.removeEventListener("keydown", move);
  }, []);
  return <span ref={mark} hidden />;
}
