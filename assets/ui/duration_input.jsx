// How long: a number and its unit, kept as a rule writes it (`P3D`). What is worked out instead, from a field or by
// adding, is written as a rule; a plain one can't be.
import { useEffect, useRef, useState } from "react";
import { Icon } from "./icon.jsx";
import { RuleEditor } from "./rule_editor.jsx";

const UNITS = [["D", "days", 86400], ["H", "hours", 3600], ["M", "minutes", 60], ["S", "seconds", 1]];
const WRITTEN = /^P(?:(\d+)Y)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** The number and the unit, the largest that it is whole in; null of anything else. */
export function parted(text) {
  if (!text.trim()) return { count: "", unit: "D" };
  const found = WRITTEN.exec(text.trim());
  if (!found || !/\d/.test(text)) return null;
  const [years, weeks, days, hours, minutes, seconds] = found.slice(1).map((each) => Number(each ?? 0));
  const total = (years * 365 + weeks * 7 + days) * 86400 + hours * 3600 + minutes * 60 + seconds;
  const [unit, , size] = UNITS.find(([, , each]) => total > 0 && total % each === 0) ?? UNITS[0];
  return { count: String(total / size), unit };
}

export const written = ({ count, unit }) => (count === "" ? "" : unit === "D" ? `P${count}D` : `PT${count}${unit}`);

export function DurationInput({ name, inputId, value, label, required, invalid, problem, describedBy, isPlain, data, ...desk }) {
  const [said, setSaid] = useState(() => parted(value ?? ""));
  const [isRule, setIsRule] = useState(said === null && !isPlain);
  const hidden = useRef(null);
  const isFirst = useRef(true);
  const shown = said ?? { count: "", unit: "D" };
  const text = isRule ? "" : written(shown);
  useEffect(() => {
    if (isFirst.current) isFirst.current = false;
    else hidden.current?.dispatchEvent(new Event("change", { bubbles: true }));
  }, [text]);
  if (isRule) return <RuleEditor name={name} inputId={inputId} value={value} label={label} required={required} invalid={invalid} problem={problem} describedBy={describedBy} data={data} {...desk} />;
  const change = (more) => setSaid({ ...shown, ...more });
  return (
    <div className="duration-input">
      <input ref={hidden} type="hidden" name={name} value={text} />
      <NumberPart inputId={inputId} label={label} shown={shown} required={required} invalid={invalid || Boolean(problem)} describedBy={describedBy} onCount={(count) => change({ count })} />
      <select className="input" aria-label={`${label}: unit`} value={shown.unit} onChange={(event) => change({ unit: event.target.value })}>
        {UNITS.map(([unit, words]) => (
          <option key={unit} value={unit}>
            {words}
          </option>
        ))}
      </select>
      <code className="quiet">{text}</code>
      {!isPlain && (
        <button type="button" className="icon-button" aria-label={`${label}: write it as a rule`} title="Write it as a rule" onClick={() => setIsRule(true)}>
          <Icon name="code" />
        </button>
      )}
    </div>
  );
}

/** Typing counts once it is left, as in every other input of a panel. */
function NumberPart({ inputId, label, shown, required, invalid, describedBy, onCount }) {
  const [typed, setTyped] = useState(shown.count);
  const leave = () => onCount(typed.replace(/\D/g, "").replace(/^0+(?=\d)/, "").slice(0, 7));
  return (
    <input
      id={inputId}
      className="input"
      inputMode="numeric"
      autoComplete="off"
      aria-label={label}
      aria-required={required || undefined}
      aria-invalid={invalid || undefined}
      aria-describedby={describedBy}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={leave}
      onKeyDown={(event) => event.key === "Enter" && (event.preventDefault(), leave())}
    />
  );
}
