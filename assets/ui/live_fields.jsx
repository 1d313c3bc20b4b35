// Tells the server what a form holds when a field changes on which others depend. Other typing sends nothing.
import { useEffect, useRef } from "react";
import { useDebounced } from "./listbox.jsx";

const PAUSE_MS = 200;

export function LiveFields({ watched, isTyped, onLook, children }) {
  const box = useRef(null);
  const last = useRef("");
  const look = useDebounced(() => {
    const form = box.current?.closest("form");
    const texts = form ? [...new FormData(form)].filter(([, value]) => typeof value === "string") : [];
    const said = JSON.stringify(texts);
    if (!form || said === last.current) return;
    last.current = said;
    onLook(Object.fromEntries(texts));
  }, PAUSE_MS);
  useEffect(() => {
    if (isTyped) look();
  }, []);
  useEffect(() => {
    const element = box.current;
    const changed = (event) => {
      if (watched.includes(event.target.closest?.("[data-field]")?.dataset.field)) look();
    };
    element.addEventListener("input", changed);
    element.addEventListener("change", changed);
    return () => {
      element.removeEventListener("input", changed);
      element.removeEventListener("change", changed);
    };
  }, [watched]);
  return (
    <div ref={box} className="live-fields">
      {children}
    </div>
  );
}
