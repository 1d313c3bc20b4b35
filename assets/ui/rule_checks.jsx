// An object's checks: each a rule that says what is refused, and the message that says why. The hidden input holds them
// as JSON; one without a rule or a message waits until it has both.
import { useRef, useState } from "react";
import { RuleEditor } from "./rule_editor.jsx";

const read = (text) => JSON.parse(text || "[]").map((check, key) => ({ ...check, key }));
const plain = ({ key, field, ...check }) => (field ? { ...check, field } : check);
const isWhole = (check) => check.when.trim() && check.message.trim();

export function RuleChecks({ name, inputId, value, label, choices, ...desk }) {
  const [checks, setChecks] = useState(() => read(value));
  const next = useRef(checks.length);
  const hidden = useRef(null);
  const told = () => setTimeout(() => hidden.current?.dispatchEvent(new Event("change", { bubbles: true })), 0);
  const change = (key, part) => setChecks((all) => all.map((each) => (each.key === key ? { ...each, ...part } : each)));
  const add = () => {
    setChecks([...checks, { key: next.current, when: "", message: "" }]);
    next.current += 1;
  };
  const remove = (key) => {
    setChecks(checks.filter((each) => each.key !== key));
    told();
  };
  const whole = checks.filter(isWhole).map(plain);
  return (
    <div className="rule-checks" role="group" aria-label={label}>
      <input ref={hidden} type="hidden" name={name} value={whole.length ? JSON.stringify(whole) : ""} />
      {checks.map((check, at) => (
        <Check key={check.key} id={`${inputId}-${check.key}`} place={`${name}/${check.key}/when`} title={`Check ${at + 1}`} check={check} choices={choices}
          onChange={(part) => change(check.key, part)} onRemove={() => remove(check.key)} desk={desk} />
      ))}
      <button type="button" id={`${inputId}-add`} className="button" onClick={add}>
        Add a check
      </button>
    </div>
  );
}

function Check({ id, place, title, check, choices, onChange, onRemove, desk }) {
  return (
    <div className="rule-check" role="group" aria-label={title}>
      <div className="rule-check-head">
        <strong>{title}</strong>
        <button type="button" className="icon-button" aria-label={`Remove ${title}`} title={`Remove ${title}`} onClick={onRemove}>
          <svg className="icon" aria-hidden="true">
            <use href="/icons.svg#trash-2" />
          </svg>
        </button>
      </div>
      <div className="field">
        <label htmlFor={`${id}-when`}>Refused when</label>
        <RuleEditor place={place} inputId={`${id}-when`} value={check.when} label={`${title}: refused when`} onText={(when) => onChange({ when })} {...desk} />
      </div>
      <div className="field">
        <label htmlFor={`${id}-message`}>Message</label>
        <input id={`${id}-message`} className="input" autoComplete="off" maxLength={300} value={check.message} onChange={(event) => onChange({ message: event.target.value })} />
      </div>
      <div className="field">
        <label htmlFor={`${id}-field`}>Shown at</label>
        <select id={`${id}-field`} className="input" value={check.field ?? ""} onChange={(event) => onChange({ field: event.target.value })}>
          <option value="">The record as a whole</option>
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      </div>
      {!isWhole(check) && <p className="help">It is kept once it has a rule and a message.</p>}
    </div>
  );
}
