// What the rule says of one record: the answer, its text coloured part by part, and the value of every part.
import { useEffect, useId, useState } from "react";
import { Combobox } from "./combobox.jsx";
import { useDebounced } from "./listbox.jsx";

const MARKS = { true: "✓", false: "✗", unknown: "?" };
const PAUSE_MS = 400;

export function RuleTrial({ text, trial, names, onSuggest, onTry }) {
  const id = useId();
  const [record, setRecord] = useState("");
  const again = useDebounced((chosen) => onTry(chosen), PAUSE_MS);
  useEffect(() => {
    if (record && text.trim()) again(record);
  }, [text, record]);
  const isShown = record && trial.record === record;
  return (
    <section aria-label="Try it" className="rule-part">
      <h3>Try it</h3>
      <Combobox inputId={id} inputLabel="On the record" suggestions={names} placeholder="Type the name of a record…" onSearch={onSuggest} onChoose={setRecord} />
      <div role="status">
        {isShown && trial.message && <p className="field-error">{trial.message}</p>}
        {isShown && !trial.message && <Answer trial={trial} isStale={trial.text !== text} />}
      </div>
    </section>
  );
}

function Answer({ trial, isStale }) {
  return (
    <div className="rule-trial" data-stale={isStale || undefined}>
      <p className="rule-outcome">
        For {trial.name} it is <Truth truth={trial.truth} value={trial.value || trial.truth} />
      </p>
      {trial.note && <p className="help">{trial.note}</p>}
      <p className="code rule-coloured">
        {trial.parts.map((part, at) => (
          <span key={at} data-truth={part.truth || undefined} title={part.truth || undefined}>
            {part.text}
          </span>
        ))}
      </p>
      <ol className="rule-steps">
        {trial.steps.map((step) => (
          <li key={step.key} style={{ paddingInlineStart: `${step.indent * 16}px` }}>
            <code>{step.text}</code>
            <Truth truth={step.truth} value={step.value} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function Truth({ truth, value }) {
  return (
    <span className="rule-truth" data-truth={truth}>
      {MARKS[truth] && <span aria-hidden="true">{MARKS[truth]} </span>}
      {value}
    </span>
  );
}
