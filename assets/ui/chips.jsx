// A field that links to many records: each is a chip, a search adds more. The hidden input sends the ids.
import { useRef, useState } from "react";
import { useSuggestions } from "./listbox.jsx";

export function Chips({ name, inputId, chosen, suggestions, placeholder, label, invalid, describedBy, onSearch }) {
  const box = useRef(null);
  const [links, setLinks] = useState(chosen ?? []);
  const [text, setText] = useState("");
  const [said, setSaid] = useState("");
  const add = (choice) => {
    setLinks([...links, choice]);
    setSaid(`${choice.label} added.`);
    setText("");
  };
  const remove = (link) => {
    setLinks(links.filter((each) => each.value !== link.value));
    setSaid(`${link.label} removed.`);
    box.current?.focus();
  };
  const { inputProps, below } = useSuggestions({
    suggestions: suggestions.filter((each) => !links.some((link) => link.value === each.value)),
    text,
    setText,
    asked: text,
    onSearch,
    onChoose: add,
    onLeave: () => setText(""),
  });
  const onKey = (event) => {
    if (event.key === "Backspace" && !text && links.length) remove(links[links.length - 1]);
    else inputProps.onKeyDown(event);
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
        {...inputProps}
        ref={box}
        id={inputId}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy || undefined}
        placeholder={placeholder}
        onKeyDown={onKey}
      />
      <span className="visually-hidden" role="status">
        {said}
      </span>
      {below}
    </div>
  );
}
