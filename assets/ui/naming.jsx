// A label, and the API name that it suggests until somebody writes another. With `plural`, the word for many as well.
import { useState } from "react";

/** `Größe (m²)` → `grosse_m2`: what an API name may look like. */
export function apiName(label) {
  return label
    .replace(/ß/g, "ss")
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")
    .slice(0, 50);
}

function pluralOf(label) {
  const word = label.trim();
  if (!word) return "";
  if (/[^aeiou]y$/i.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/i.test(word) ? `${word}es` : `${word}s`;
}

function Line({ id, name, label, value, help, error, onChange, ...more }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        className="input"
        autoComplete="off"
        value={value}
        aria-invalid={error ? "true" : undefined}
        aria-describedby={`${id}-help`}
        onChange={(event) => onChange(event.target.value)}
        {...more}
      />
      <p id={`${id}-help`} className={error ? "field-error" : "help"} role={error ? "alert" : undefined}>
        {error || help}
      </p>
    </div>
  );
}

export function Naming({ prefix, withPlural, errors }) {
  const [label, setLabel] = useState("");
  const [plural, setPlural] = useState(null);
  const [name, setName] = useState(null);
  const said = errors ?? {};
  return (
    <>
      <Line id={`${prefix}-label`} name="label" label="Label" value={label} error={said.label} help="What people read." required autoFocus onChange={setLabel} />
      {withPlural && (
        <Line id={`${prefix}-plural`} name="plural" label="Plural" value={plural ?? pluralOf(label)} error={said.plural} help="Heads its list." required onChange={setPlural} />
      )}
      <Line
        id={`${prefix}-name`}
        name="name"
        label="API name"
        value={name ?? apiName(label)}
        error={said.name}
        help="What rules and the API call it. Renaming it later changes rules with it, but no programs that use the API."
        required
        spellCheck="false"
        onChange={setName}
      />
    </>
  );
}
