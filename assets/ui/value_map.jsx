// Which fields a step sets, and to what. The hidden input holds them as JSON; a field without a value waits for one.
import { useRef, useState } from "react";
import { Icon } from "./icon.jsx";
import { RuleEditor } from "./rule_editor.jsx";

const read = (text) => Object.entries(JSON.parse(text || "{}"));

export function ValueMap({ name, inputId, value, label, choices, problem, data, ...desk }) {
  const [rows, setRows] = useState(() => read(value));
  const hidden = useRef(null);
  const told = () => setTimeout(() => hidden.current?.dispatchEvent(new Event("change", { bubbles: true })), 0);
  const labels = Object.fromEntries(choices.map((choice) => [choice.value, choice.label]));
  const left = choices.filter((choice) => !rows.some(([field]) => field === choice.value));
  const change = (field, text) => setRows((all) => all.map((row) => (row[0] === field ? [field, text] : row)));
  const remove = (field) => {
    setRows(rows.filter((row) => row[0] !== field));
    told();
  };
  const add = (box) => {
    const field = box.value.trim();
    if (!field || rows.some(([known]) => known === field)) return;
    setRows([...rows, [field, ""]]);
    box.value = "";
    setTimeout(() => document.getElementById(`${inputId}-${field}`)?.focus(), 0);
  };
  const whole = Object.fromEntries(rows.filter(([, text]) => text.trim()));
  return (
    <fieldset className="value-map">
      <legend>{label}</legend>
      <input ref={hidden} type="hidden" name={name} value={JSON.stringify(whole)} />
      {rows.map(([field, text]) => (
        <div key={field} className="value-row field">
          <div className="value-head">
            <label htmlFor={`${inputId}-${field}`}>{labels[field] ?? field}</label>
            <button type="button" className="icon-button" aria-label={`Don't set ${labels[field] ?? field}`} title="Don't set it" onClick={() => remove(field)}>
              <Icon name="x" />
            </button>
          </div>
          <RuleEditor place={`${name}/${field}`} inputId={`${inputId}-${field}`} value={text} label={labels[field] ?? field} data={data} onText={(words) => change(field, words)} {...desk} />
        </div>
      ))}
      {choices.length ? (
        <select id={`${inputId}-add`} className="input" aria-label={`${label}: add a field`} defaultValue="" onChange={(event) => (event.stopPropagation(), add(event.target))}>
          <option value="">Add a field…</option>
          {left.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      ) : (
        <AddName inputId={inputId} label={label} onAdd={add} />
      )}
      {problem && !rows.length && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  );
}

/** Where names are free, such as those of parameters. */
function AddName({ inputId, label, onAdd }) {
  const box = useRef(null);
  const keys = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    onAdd(box.current);
  };
  return (
    <div className="input-and-button">
      <input ref={box} id={`${inputId}-add`} className="input" aria-label={`${label}: a name to add`} placeholder="A name" autoComplete="off" onKeyDown={keys} />
      <button type="button" className="button" onClick={() => onAdd(box.current)}>
        Add
      </button>
    </div>
  );
}
