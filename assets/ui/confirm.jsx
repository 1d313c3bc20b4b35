// A button that asks before it acts. `onAsk` lets the server say more about it meanwhile; `isBarred`: it can't be done.
import { useRef } from "react";

export function Confirm({ label, question, detail, confirmLabel, icon, isBarred, onAsk, onConfirm }) {
  const dialog = useRef(null);
  const close = () => dialog.current?.close();
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-haspopup="dialog"
        aria-label={label}
        title={label}
        onClick={() => {
          dialog.current?.showModal();
          onAsk?.();
        }}
      >
        <svg className="icon" aria-hidden="true">
          <use href={`/icons.svg#${icon}`} />
        </svg>
      </button>
      <dialog
        ref={dialog}
        className="ask"
        aria-label={question}
        onClick={(event) => event.target === dialog.current && close()}
      >
        <h2>{question}</h2>
        <p className="quiet" aria-live="polite">
          {detail}
        </p>
        <div className="ask-actions">
          <button type="button" className="button" onClick={close}>
            Cancel
          </button>
          <button
            type="button"
            className="button solid-danger"
            disabled={isBarred}
            onClick={() => {
              close();
              onConfirm();
            }}
          >
            {confirmLabel}
          </button>
        </div>
      </dialog>
    </>
  );
}
