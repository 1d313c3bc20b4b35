// Something to hand on, shown once, with a button that copies it. A path becomes a whole address of this site.
import { useEffect, useRef, useState } from "react";

export function CopyText({ text, label }) {
  const [copied, setCopied] = useState(false);
  const [origin, setOrigin] = useState("");
  const input = useRef(null);
  useEffect(() => setOrigin(window.location.origin), []);
  useEffect(() => setCopied(false), [text]);
  const whole = text.startsWith("/") ? origin + text : text;
  const copy = async () => {
    input.current?.select();
    try {
      await navigator.clipboard.writeText(whole);
      setCopied(true);
    } catch {
      setCopied(document.execCommand("copy"));
    }
  };
  return (
    <div className="copy-text">
      <input ref={input} className="input" readOnly value={whole} aria-label={label} onFocus={(e) => e.target.select()} />
      <button type="button" className="button" onClick={copy}>
        <svg className="icon" aria-hidden="true" focusable="false">
          <use href={`/icons.svg#${copied ? "check" : "copy"}`} />
        </svg>
        <span>{copied ? "Copied" : "Copy"}</span>
      </button>
    </div>
  );
}
