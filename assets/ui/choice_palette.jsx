// A dialog to choose one of many from: searched or looked through, by keyboard or pointer.
import { useEffect, useId, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useActiveChoice } from "./listbox.jsx";
import { Icon } from "./icon.jsx";

export function ChoicePalette({ title, placeholder, choices, onChoose, onClose }) {
  const id = useId();
  const dialog = useRef(null);
  const input = useRef(null);
  const list = useRef(null);
  const [text, setText] = useState("");
  const words = text.trim().toLowerCase();
  const begins = (each) => each.label.toLowerCase().startsWith(words);
  const found = choices.filter((each) => `${each.label} ${each.note} ${each.group}`.toLowerCase().includes(words));
  const fitting = [...found.filter(begins), ...found.filter((each) => !begins(each))];
  const picked = useRef(null);
  const choose = (index) => {
    picked.current = fitting[index].name;
    dialog.current?.close();
  };
  const { current, setActive, onKeyDown } = useActiveChoice(fitting.length, choose, list);
  useEffect(() => {
    dialog.current?.showModal();
    input.current?.focus();
  }, []);
  const closed = () => {
    onClose();
    if (picked.current !== null) onChoose(picked.current);
  };
  return createPortal(
    <dialog ref={dialog} className="palette choice-palette" aria-label={title} onClose={closed} onClick={(event) => event.target === dialog.current && dialog.current.close()}>
      <div className="palette-body">
        <input
          ref={input}
          className="palette-input"
          role="combobox"
          autoComplete="off"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={fitting.length ? `${id}-${current}` : undefined}
          aria-label={placeholder}
          placeholder={placeholder}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        <ul id={`${id}-list`} ref={list} role="listbox" aria-label={title} className="choices choice-types">
          {fitting.map((each, at) => (
            <li key={each.name} id={`${id}-${at}`} role="option" aria-selected={at === current} className="choice" data-choice={each.name}
              onMouseMove={() => setActive(at)} onClick={() => choose(at)}>
              <span className={`block-mark block-mark-${each.family}`}>
                <Icon name={each.icon} />
              </span>
              <span className="block-words">
                <span className="choice-label">{each.label}</span>
                <span className="block-note">{each.note}</span>
              </span>
              <span className="choice-note">{each.group}</span>
            </li>
          ))}
        </ul>
        {!fitting.length && <p className="palette-note">Nothing of that name.</p>}
      </div>
    </dialog>,
    document.body,
  );
}
