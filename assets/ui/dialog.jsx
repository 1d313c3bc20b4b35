// A dialog that the server opens and closes. Escape and a click beside it close it, too.
import { useEffect, useRef } from "react";

export function Dialog({ isOpen, label, onClose, children }) {
  const dialog = useRef(null);
  useEffect(() => {
    const element = dialog.current;
    if (isOpen && !element.open) {
      element.showModal();
      element.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    }
    if (!isOpen && element.open) element.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      className="ask"
      aria-label={label}
      onClose={() => isOpen && onClose()}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      {isOpen && children}
    </dialog>
  );
}
