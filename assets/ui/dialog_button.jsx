// A button and the dialog it opens. `done` counts what was finished in it: when it grows, the dialog closes.
import { useEffect, useRef, useState } from "react";

export function DialogButton({ label, icon, kind, title, done, disabled, children }) {
  const dialog = useRef(null);
  const seen = useRef(done);
  const [turn, setTurn] = useState(0);
  const close = () => dialog.current?.close();
  useEffect(() => {
    if (done !== seen.current) close();
    seen.current = done;
  }, [done]);
  const open = () => {
    setTurn((before) => before + 1);
    dialog.current?.showModal();
  };
  return (
    <>
      <button type="button" className={`button ${kind ?? ""}`} aria-haspopup="dialog" disabled={disabled} onClick={open}>
        {icon && (
          <svg className="icon" aria-hidden="true" focusable="false">
            <use href={`/icons.svg#${icon}`} />
          </svg>
        )}
        <span>{label}</span>
      </button>
      <dialog
        ref={dialog}
        className="ask ask-wide"
        aria-label={title}
        onClick={(event) => event.target === dialog.current && close()}
      >
        <header className="ask-head">
          <h2>{title}</h2>
          <button type="button" className="icon-button" aria-label="Close" onClick={close}>
            <svg className="icon" aria-hidden="true">
              <use href="/icons.svg#x" />
            </svg>
          </button>
        </header>
        {turn > 0 && <div key={turn}>{children}</div>}
      </dialog>
    </>
  );
}
