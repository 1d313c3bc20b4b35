// The value of a condition, by the kind of its field: chosen, ticked, looked up or typed.
import { useId } from "react";
import { Combobox } from "./combobox.jsx";

const NONE = new Set(["is empty", "is not empty", "is true", "is false"]);
const HINTS = {
  money: "50000 EUR",
  date: "2026-01-31 or today + P30D",
  datetime: "2026-01-31T09:00Z or now",
  duration: "P30D or PT2H",
  time: "09:30",
};

export function RuleValues({ row, field, onValues, labels, names, onSuggest }) {
  const isMany = row.operator === "in" || row.operator === "not in";
  if (!field || NONE.has(row.operator)) return <span />;
  if (field.choices.length && isMany) return <Ticks row={row} field={field} onValues={onValues} />;
  const count = row.operator.endsWith("between") ? 2 : isMany ? row.values.length + 1 : 1;
  const set = (at, value) => {
    const next = Array.from({ length: count }, (_, index) => (index === at ? value : (row.values[index] ?? "")));
    onValues(isMany ? next.filter(Boolean) : next);
  };
  return (
    <span className="rule-values">
      {Array.from({ length: count }, (_, at) => {
        const more = { value: row.values[at] ?? "", label: at ? `Value ${at + 1}` : "Value", onValue: (value) => set(at, value) };
        if (field.choices.length || field.input === "bool") return <Choice key={at} field={field} {...more} />;
        if (field.target) return <Named key={`${field.path} ${at}`} field={field} labels={labels} names={names} onSuggest={onSuggest} {...more} />;
        return <Typed key={at} field={field} {...more} />;
      })}
    </span>
  );
}

function Typed({ field, value, label, onValue }) {
  const mode = ["int", "decimal"].includes(field.input) ? "decimal" : undefined;
  return (
    <input className="input" aria-label={label} placeholder={HINTS[field.input]} inputMode={mode} autoComplete="off" value={value}
      onChange={(event) => onValue(event.target.value)} />
  );
}

function Choice({ field, value, label, onValue }) {
  const yesNo = [{ value: "true", label: "Yes" }, { value: "false", label: "No" }];
  return (
    <select className="input" aria-label={label} value={value} onChange={(event) => onValue(event.target.value)}>
      <option value="">Choose…</option>
      {(field.choices.length ? field.choices : yesNo).map((each) => (
        <option key={each.value} value={each.value}>
          {each.label}
        </option>
      ))}
    </select>
  );
}

function Ticks({ row, field, onValues }) {
  const toggle = (value) => {
    const wanted = new Set(row.values);
    if (!wanted.delete(value)) wanted.add(value);
    onValues(field.choices.map((each) => each.value).filter((each) => wanted.has(each)));
  };
  return (
    <span className="ticks" role="group" aria-label="Values">
      {field.choices.map((each) => (
        <label key={each.value} className="tick tick-chip">
          <input type="checkbox" checked={row.values.includes(each.value)} onChange={() => toggle(each.value)} />
          <span>{each.label}</span>
        </label>
      ))}
    </span>
  );
}

function Named({ field, value, label, labels, names, onSuggest, onValue }) {
  const id = useId();
  const self = field.target === "user" ? [{ value: "me", label: "The current user" }] : [];
  const shown = value === "me" ? self[0]?.label : (labels[value] ?? value);
  return (
    <Combobox inputId={id} inputLabel={label} value={value} label={shown} suggestions={[...self, ...names]} placeholder="Type a name…"
      onSearch={(words) => onSuggest(field.path, words)} onChoose={onValue} />
  );
}
