// A rule in full: its text, the same as rows of conditions, and what it says of a record.
import { useEffect, useId, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { RuleGroup } from "./rule_rows.jsx";
import { RuleText, write } from "./rule_text.jsx";
import { RuleTrial } from "./rule_trial.jsx";
import { useDebounced } from "./listbox.jsx";
import { Verdict } from "./rule_verdict.jsx";

const PAUSE_MS = 250;

export function RuleSheet({ place, label, begun, answer, rows, fields, operators, names, trial, ...asks }) {
  const { onLook, onWeigh, onAssemble, onSuggest, onTry, onClose } = asks;
  const id = useId();
  const dialog = useRef(null);
  const box = useRef(null);
  const turn = useRef(Date.now());
  const [text, setText] = useState(begun);
  const [group, setGroup] = useState(null);
  const [refusal, setRefusal] = useState("");
  const isByRows = useRef(false);
  const weigh = useDebounced((words) => onWeigh(place, words), PAUSE_MS);
  const assemble = useDebounced((wanted) => onAssemble(place, turn.current, wanted), PAUSE_MS);

  useEffect(() => {
    dialog.current.showModal();
    box.current.focus();
    onWeigh(place, begun);
  }, []);
  useEffect(() => {
    if (rows.turn && rows.turn === turn.current) {
      setRefusal(rows.message);
      if (!rows.message) setText(rows.text);
    } else if (!rows.turn && rows.text === text && !isByRows.current) setGroup(rows.group);
  }, [rows]);

  const typed = (words) => {
    isByRows.current = false;
    setText(words);
    setRefusal("");
    weigh(words);
  };
  const built = (wanted) => {
    isByRows.current = true;
    turn.current += 1;
    setGroup(wanted);
    assemble(wanted);
  };
  const isUnderWay = isByRows.current && rows.turn !== turn.current;
  const leave = (changed) => {
    dialog.current.close();
    onClose(changed);
  };
  return createPortal(
    <dialog
      ref={dialog}
      className="ask rule-sheet"
      aria-labelledby={`${id}-title`}
      onCancel={(event) => {
        event.preventDefault();
        leave(null);
      }}
    >
      <header className="ask-head">
        <h2 id={`${id}-title`}>{label}</h2>
      </header>
      <RuleText id={`${id}-text`} label={`${label}: the rule`} text={text} start={0} answer={answer} boxRef={box} onText={typed}
        onLook={(words, caret) => onLook(place, words, caret)} aria-describedby={`${id}-verdict`} />
      <Verdict id={`${id}-verdict`} answer={answer} text={text} onFix={(from, to, words) => write(box.current, from, to, words)} />
      <section aria-label="Conditions" className="rule-part">
        <h3>Conditions</h3>
        {group ? (
          <RuleGroup group={group} fields={fields} operators={operators} labels={rows.names} names={names}
            onSuggest={(path, words) => onSuggest(place, path, words)} onChange={built} />
        ) : (
          <p className="quiet">{text.trim() && answer?.message ? "They show once the rule is right." : "This rule says more than rows can show. Change its text."}</p>
        )}
        {refusal && <p className="field-error" role="alert">{refusal}</p>}
      </section>
      <RuleTrial text={text} trial={trial} names={names} onSuggest={(words) => onSuggest(place, "", words)}
        onTry={(record) => onTry(place, text, record)} />
      <div className="ask-actions">
        <button type="button" className="button" onClick={() => leave(null)}>
          Cancel
        </button>
        <button type="button" className="button primary" disabled={isUnderWay} onClick={() => leave(text)}>
          Use this rule
        </button>
      </div>
    </dialog>,
    document.body,
  );
}
