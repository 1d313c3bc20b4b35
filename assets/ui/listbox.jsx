// What the search dialog and the relation field share: a list of choices moved through by keyboard.
import { useEffect, useRef, useState } from "react";

/** Calls `send` with the last text once typing has paused. */
export function useDebounced(send, milliseconds) {
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (text) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => send(text), milliseconds);
  };
}

/** Arrow keys, Home, End and Enter over `count` choices. */
export function useActiveChoice(count, choose, listRef) {
  const [active, setActive] = useState(0);
  const current = Math.min(active, Math.max(count - 1, 0));
  useEffect(() => {
    listRef.current?.children[current]?.scrollIntoView?.({ block: "nearest" });
  }, [current, listRef]);
  const onKeyDown = (event) => {
    const steps = { ArrowDown: current + 1, ArrowUp: current - 1, Home: 0, End: count - 1 };
    if (event.key in steps && count) {
      if ((event.key === "Home" || event.key === "End") && event.target.value) return;
      event.preventDefault();
      setActive((steps[event.key] + count) % count);
    } else if (event.key === "Enter" && count) {
      event.preventDefault();
      choose(current);
    }
  };
  return { current, setActive, onKeyDown };
}
