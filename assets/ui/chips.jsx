// A field that links to many records: each is a chip, a search adds more. The hidden input sends the ids.
import { useId, useRef, useState } from "react";
import { useActiveChoice, useDebounced } from "./listbox.jsx";

export function Chips({ name, inputId, chosen, suggestions, placeholder, label, invalid, describedBy, onSearch }) {
  const listId = useId();
  const list = useRef(null);
  const box = useRef(null);
  const [links, setLinks] = useState(chosen ?? []);
  const [text, setText] = useState("");
  const [isOpen, setIsOpen] = useState(false);
  const [said, setSaid] = useState("");
  const search = useDebounced(onSearch, 140);
  const choices = isOpen ? suggestions.filter((each) => !links.some((link) => link.value === each.value)) : [];
  const add = (index) => {
    setLinks([...links, choices[index]]);
    setSaid(`${choices[index].label} added.`);
    setText("");
    setIsOpen(false);
  };
  const remove = (link) => {
    setLinks(links.filter((each) => each.value !== link.value));
    setSaid(`${link.label} removed.`);
    box.current?.focus();
  };
  const { current, setActive, onKeyDown } = useActiveChoice(choices.length, add, list);
  const show = (words) => {
    setActive(0);
    setIsOpen(true);
    search(words);
  };
  const onKey = (event) => {
    if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      event.stopPropagation();
      setIsOpen(false);
    } else if (event.key === "Backspace" && !text && links.length) remove(links[links.length - 1]);
    else if (event.key === "ArrowDown" && !isOpen) {
      event.preventDefault();
      show(text);
    } else if (isOpen) onKeyDown(event);
  };
  return (
    <div className="combobox">
      <input type="hidden" name={name} value={links.map((link) => link.value).join(";")} />
      {links.length > 0 && (
        <ul className="chips" aria-label={label}>
          {links.map((link) => (
            <li key={link.value} className="chip">
              {link.label}
              <button type="button" className="chip-remove" aria-label={`Remove ${link.label}`} onClick={() => remove(link)}>
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        ref={box}
        id={inputId}
        className="input"
        role="combobox"
        autoComplete="off"
        aria-expanded={isOpen}
        aria-controls={listId}
        aria-activedescendant={choices.length ? `${listId}-${current}` : undefined}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy || undefined}
        placeholder={placeholder}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          show(event.target.value);
        }}
        onClick={() => !isOpen && show(text)}
        onKeyDown={onKey}
        onBlur={() => {
          setIsOpen(false);
          setText("");
        }}
      />
      <span className="visually-hidden" role="status">
        {said}
      </span>
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
                add(index);
              }}
            >
              <span className="choice-label">{choice.label}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
