// A text area for a rule: coloured, underlined where it is wrong, with what could come next. `start` is where the rule
// begins in the text; below zero the text is no rule. The answer of the server is about the rule alone.
import { useEffect, useId, useRef, useState } from "react";
import { useDebounced } from "./listbox.jsx";
import { Painted } from "./rule_paint.jsx";

const PAUSE_MS = 110;
const SHOWN = 8;

/** Puts words into a text area as if they were typed: they can be undone, and the form hears of them. */
export function write(box, from, to, words) {
  box.focus();
  box.setSelectionRange(from, to);
  document.execCommand(words ? "insertText" : "delete", false, words);
}

export function RuleText({ text, start, answer, label, onText, onLook, boxRef, marker = "", ...more }) {
  const own = useRef(null);
  const box = boxRef ?? own;
  const listId = useId();
  const [isWanted, setIsWanted] = useState(false);
  const [active, setActive] = useState(-1);
  const look = useDebounced(({ rule, caret }) => onLook(rule, caret), PAUSE_MS);
  const isRule = start >= 0;
  const rule = isRule ? text.slice(start) : "";
  const isFresh = isRule && answer?.text === rule;
  const choices = isWanted && isFresh && answer.caret >= 0 ? answer.suggestions : [];
  const first = Math.max(0, Math.min(active - SHOWN + 1, choices.length - SHOWN));
  const ask = () => isRule && look({ rule: box.current.value.slice(start), caret: box.current.selectionStart - start });

  useEffect(() => setActive(answer?.is_eager ? 0 : -1), [answer]);

  const typed = (event) => {
    const now = event.target.value;
    onText(now);
    setIsWanted(true);
    setActive(-1);
    const from = now.startsWith(marker) ? marker.length : -1;
    if (from >= 0) look({ rule: now.slice(from), caret: event.target.selectionStart - from });
  };
  const choose = (index) => write(box.current, answer.word_start + start, answer.word_end + start, choices[index].text);
  const onKeyDown = (event) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      setIsWanted(true);
      onLook(rule, box.current.selectionStart - start);
    } else if (choices.length) onListKey(event);
    if (marker && event.key === "Enter" && !event.defaultPrevented) {
      event.preventDefault();
      box.current.form?.requestSubmit();
    }
  };
  const onListKey = (event) => {
    const steps = { ArrowDown: active + 1, ArrowUp: active < 0 ? choices.length - 1 : active - 1 };
    if (event.key in steps) setActive((steps[event.key] + choices.length) % choices.length);
    else if (event.key === "Escape") setIsWanted(false);
    else if ((event.key === "Enter" || event.key === "Tab") && active >= 0 && !event.shiftKey) choose(active);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const wrong = isFresh && answer.message ? [answer.start + start, answer.end + start] : null;
  return (
    <div className="rule-text-box">
      <div className="rule-layers code">
        <pre className="rule-paint" aria-hidden="true">
          {isRule ? <Painted text={text} wrong={wrong} /> : text}{"\n"}
        </pre>
        <textarea
          {...more}
          ref={box}
          className="input rule-input"
          rows={1}
          value={text}
          aria-label={label}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={listId}
          aria-activedescendant={choices.length && active >= 0 ? `${listId}-${active}` : undefined}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck="false"
          onChange={typed}
          onKeyDown={onKeyDown}
          onClick={() => choices.length && ask()}
          onFocus={() => {
            setIsWanted(!text.slice(Math.max(start, 0)).trim());
            if (isRule) onLook(rule, box.current.selectionStart - start);
          }}
          onBlur={() => setIsWanted(false)}
        />
      </div>
      <div className="rule-choices" hidden={!choices.length}>
        <ul id={listId} role="listbox" aria-label="What can come next" className="choices">
          {choices.slice(first, first + SHOWN).map((choice, at) => (
            <Choice key={choice.text} id={`${listId}-${first + at}`} choice={choice} isActive={first + at === active} size={choices.length}
              place={first + at} onReach={setActive} onChoose={choose} />
          ))}
        </ul>
        <p className="rule-choice-note">
          {choices[active]?.note || (choices.length > SHOWN ? `${choices.length} fit. Type to narrow them down.` : "Choose with the arrow keys and Enter.")}
        </p>
      </div>
      <span className="visually-hidden" role="status">
        {choices.length ? `${choices.length} suggestions` : ""}
      </span>
    </div>
  );
}

function Choice({ id, choice, isActive, place, size, onReach, onChoose }) {
  const written = choice.text.trim();
  return (
    <li
      id={id}
      role="option"
      aria-selected={isActive}
      aria-setsize={size}
      aria-posinset={place + 1}
      className="choice"
      onMouseMove={() => onReach(place)}
      onMouseDown={(event) => {
        event.preventDefault();
        onChoose(place);
      }}
    >
      <span className={`rule-kind rule-kind-${choice.kind}`} aria-hidden="true" />
      <span className="choice-label">{choice.label}</span>
      {written !== choice.label && choice.kind !== "function" && <code className="quiet">{written}</code>}
      <span className="choice-note">{choice.detail || choice.note}</span>
    </li>
  );
}
