// The input of a rule. The whole of it (rows of conditions, trying it on a record) opens in a dialog.
import { lazy, Suspense, useEffect, useId, useRef, useState } from "react";
import { DataButton } from "./data_button.jsx";
import { RuleText, write } from "./rule_text.jsx";
import { Verdict } from "./rule_verdict.jsx";

const RuleSheet = lazy(() => import("./rule_sheet.jsx").then(({ RuleSheet }) => ({ default: RuleSheet })));

/** `over` names the input of the same form that says over which list of records the rule goes; without a `name` the
 *  form hears nothing of the text itself, only `onText` does. `data` is what can be picked instead of typed. */
export function RuleEditor({ name, place = name, over, onText, inputId, value, marker, label, required, invalid, problem, describedBy, data, answers, onLook, ...desk }) {
  const verdictId = useId();
  const [text, setText] = useState(value ?? "");
  const [isOpen, setIsOpen] = useState(false);
  const box = useRef(null);
  const start = !marker ? 0 : text.startsWith(marker) ? marker.length : -1;
  const rule = start < 0 ? "" : text.slice(start);
  const [list, setList] = useState("");
  const whole = list ? `${place}@${list}` : place;
  const answer = answers?.[whole];
  const shown = text === (value ?? "") ? problem : "";
  const look = (words, caret) => {
    const now = over ? (box.current.form?.elements[over]?.value ?? "") : "";
    setList(now);
    onLook(now ? `${place}@${now}` : place, words, caret);
  };
  const typed = (words) => {
    setText(words);
    onText?.(words);
  };
  useEffect(() => {
    if (rule.trim()) look(rule, -1);
  }, []);
  const pick = (words) => {
    const { selectionStart, selectionEnd } = box.current;
    write(box.current, selectionStart, selectionEnd, words);
    box.current.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const close = (changed) => {
    setIsOpen(false);
    if (changed === null || changed === rule) return box.current.focus();
    write(box.current, 0, text.length, changed && start >= 0 ? text.slice(0, start) + changed : changed);
    box.current.dispatchEvent(new Event("change", { bubbles: true }));
  };
  return (
    <div className="rule-editor">
      <RuleText
        id={inputId}
        name={name}
        text={text}
        start={start}
        marker={marker}
        answer={answer}
        boxRef={box}
        onText={typed}
        onLook={look}
        aria-invalid={invalid || Boolean(shown) || Boolean(answer?.message && answer.text === rule) || undefined}
        aria-required={required || undefined}
        aria-describedby={`${verdictId} ${describedBy ?? ""}`}
      />
      <Verdict id={verdictId} answer={answer} text={rule} problem={shown} onFix={(from, to, words) => write(box.current, from + start, to + start, words)} />
      <div className="rule-tools">
        {start >= 0 && (
          <button type="button" className="button rule-open" aria-haspopup="dialog" onClick={() => setIsOpen(true)}>
            <svg className="icon" aria-hidden="true">
              <use href="/icons.svg#list-checks" />
            </svg>
            Build and try
            <span className="visually-hidden"> {label}</span>
          </button>
        )}
        {data?.length > 0 && <DataButton data={data} label={label} onPick={pick} />}
      </div>
      {isOpen && (
        <Suspense fallback={null}>
          <RuleSheet place={whole} label={label} begun={rule} answer={answer} onLook={onLook} onClose={close} {...desk} />
        </Suspense>
      )}
    </div>
  );
}
