// Choosing one of the sprite's icons: words narrow them down, arrow keys move between them as in any radio group.
import { useState } from "react";

export function IconPicker({ name, value, icons }) {
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState(value);
  const found = icons.filter((icon) => icon === chosen || icon.includes(words.trim().toLowerCase().replace(/ /g, "-")));
  return (
    <fieldset className="icon-picker">
      <legend className="field-label">Icon</legend>
      <input
        type="search"
        className="input"
        aria-label="Find an icon"
        placeholder="Find an icon…"
        value={words}
        onChange={(event) => {
          event.stopPropagation();
          setWords(event.target.value);
        }}
      />
      <div className="icon-grid">
        {found.map((icon) => (
          <label key={icon} className="icon-choice" title={icon}>
            <input type="radio" className="visually-hidden" name={name} value={icon} aria-label={icon} checked={chosen === icon} onChange={() => setChosen(icon)} />
            <svg className="icon" aria-hidden="true">
              <use href={`/icons.svg#${icon}`} />
            </svg>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
