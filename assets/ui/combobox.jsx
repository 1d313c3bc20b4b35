// A relation field: type a name, choose a record. The form sends the record's id by the hidden input.
import { useEffect, useId, useRef, useState } from "react";
import { useActiveChoice, useDebounced } from "./listbox.jsx";

export function Combobox({ name, inputId, value, label, suggestions, placeholder, required, invalid, describedBy, inputLabel, onSearch }) {
  const listId = useId();
  const list = useRef(null);
  const [chosen, setChosen] = useState({ value: value ?? "", label: label ?? "" });
  const [text, setText] = useState(label ?? "");
  const [isOpen, setIsOpen] = useState(false);
  const search = useDebounced(onSearch, 140);
  const hidden = useRef(null);
  const sent = text.trim() ? chosen.value : "";
  const told = useRef(sent);
  useEffect(() => {
    if (told.current !== sent) hidden.current?.dispatchEvent(new Event("change", { bubbles: true }));
    told.current = sent;
  }, [sent]);
  const choices = isOpen ? suggestions : [];
  const choose = (index) => {
    setChosen(choices[index]);
    setText(choices[index].label);
    setIsOpen(false);
  };
  const { current, setActive, onKeyDown } = useActiveChoice(choices.length, choose, list);
  const show = (words) => {
    setActive(0);
    setIsOpen(true);
    search(words);
  };
  const leave = () => {
    setIsOpen(false);
    if (!text.trim()) setChosen({ value: "", label: "" });
    else setText(chosen.label);
  };
  const onKey = (event) => {
    if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      event.stopPropagation();
      leave();
    } else if (event.key === "ArrowDown" && !isOpen) {
      event.preventDefault();
      show("");
    } else if (isOpen) onKeyDown(event);
  };
  return (
    <div className="combobox">
      <input ref={hidden} type="hidden" name={name} value={sent} />
      <input
        id={inputId}
        className="input"
        role="combobox"
        autoComplete="off"
        aria-label={inputLabel}
        aria-expanded={isOpen}
        aria-controls={listId}
        aria-activedescendant={choices.length ? `${listId}-${current}` : undefined}
        aria-required={required || undefined}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy || undefined}
        placeholder={placeholder}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          show(event.target.value);
        }}
        onFocus={(event) => event.target.select()}
        onClick={() => !isOpen && show("")}
        onKeyDown={onKey}
        onBlur={leave}
      />
      {isOpen && choices.length > 0 && (
        <ul ref={list} id={listId} role="listbox" className="choices combobox-choices">
          {choices.map((choice, index) => (
            <li
              key={choice.value}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === current}
              className="choice"
              onMouseMove={() => setActive(index)}
              onMouseDown={(event) => {
                event.preventDefault();
                choose(index);
              }}
            >
              <span className="choice-label">{choice.label}</span>
              {choice.kind && <span className="quiet">{choice.kind}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
