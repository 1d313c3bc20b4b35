// A password, with a button that shows what is typed. Pasting and password managers work as in any input.
import { useState } from "react";

export function PasswordInput({ name, inputId, complete, describedBy, invalid, first, required }) {
  const [shown, setShown] = useState(false);
  return (
    <div className="password-input">
      <input
        id={inputId}
        name={name}
        type={shown ? "text" : "password"}
        className="input"
        required={required}
        maxLength={256}
        autoComplete={complete}
        autoCapitalize="none"
        autoFocus={first}
        spellCheck={false}
        aria-invalid={invalid ? "true" : "false"}
        aria-describedby={describedBy || undefined}
      />
      <button
        type="button"
        className="icon-button"
        aria-label={shown ? "Hide" : "Show"}
        aria-pressed={shown}
        title={shown ? "Hide" : "Show"}
        onClick={() => setShown(!shown)}
      >
        <svg className="icon" aria-hidden="true" focusable="false">
          <use href={`/icons.svg#${shown ? "eye-off" : "eye"}`} />
        </svg>
      </button>
    </div>
  );
}
