// Inside a form: sends it whenever something in it has changed, when a text input is left and at once for the others.
import { useEffect, useRef } from "react";

export function Autosave() {
  const mark = useRef(null);
  useEffect(() => {
    const form = mark.current?.closest("form");
    if (!form) return undefined;
    let timer = 0;
    const send = () => {
      clearTimeout(timer);
      timer = setTimeout(() => form.requestSubmit(), 0);
    };
    form.addEventListener("change", send);
    return () => form.removeEventListener("change", send);
  }, []);
  return <span ref={mark} hidden />;
}
