// Inside a form: sends it whenever something in it has changed, when a text input is left and at once for the others; at
// the latest before what is pressed next does anything, so that no later choice overtakes a change.
import { useEffect, useRef } from "react";

const NEXT = ["keydown", "click"];

export function Autosave() {
  const mark = useRef(null);
  useEffect(() => {
    const form = mark.current?.closest("form");
    if (!form) return undefined;
    let timer = 0;
    const send = () => {
      clearTimeout(timer);
      timer = 0;
      form.requestSubmit();
    };
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(send, 0);
    };
    const now = () => timer && send();
    form.addEventListener("change", soon);
    for (const event of NEXT) window.addEventListener(event, now, true);
    return () => {
      form.removeEventListener("change", soon);
      for (const event of NEXT) window.removeEventListener(event, now, true);
    };
  }, []);
  return <span ref={mark} hidden />;
}
