// A color field: the text is the value and may be empty; the browser's picker beside it writes into the text.
import { useState } from "react";

const SHAPE = /^#[0-9a-f]{6}$/i;

export function ColorInput({ name, inputId, value, label, required, invalid, describedBy }) {
  const [text, setText] = useState(value ?? "");
  return (
    <div className="color-input">
      <input
        type="color"
        className="color-picker"
        aria-label={`${label}: pick`}
        value={SHAPE.test(text) ? text : "#808080"}
        onChange={(event) => setText(event.target.value)}
      />
      <input
        id={inputId}
        name={name}
        className="input"
        autoComplete="off"
        spellCheck={false}
        placeholder="#1f77b4"
        aria-required={required ? "true" : "false"}
        aria-invalid={invalid ? "true" : "false"}
        aria-describedby={describedBy || undefined}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </div>
  );
}
