// What the search dialog and the inputs that suggest records share: a list of choices moved through by keyboard.
import { useEffect, useId, useRef, useState } from "react";

const PAUSE_MS = 140;

/** Calls `send` with the last text once typing has paused. */
export function useDebounced(send, milliseconds) {
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (text) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => send(text), milliseconds);
  };
}

/** Arrow keys, Home, End and Enter over `count` choices. */
export function useActiveChoice(count, choose, listRef) {
  const [active, setActive] = useState(0);
  const current = Math.min(active, Math.max(count - 1, 0));
  useEffect(() => {
    listRef.current?.children[current]?.scrollIntoView?.({ block: "nearest" });
  }, [current, listRef]);
  const onKeyDown = (event) => {
    const steps = { ArrowDown: current + 1, ArrowUp: current - 1, Home: 0, End: count - 1 };
    if (event.key in steps && count) {
      if ((event.key === "Home" || event.key === "End") && event.target.value) return;
      event.preventDefault();
      setActive((steps[event.key] + count) % count);
    } else if (event.key === "Enter" && count) {
      event.preventDefault();
      choose(current);
    }
  };
  return { current, setActive, onKeyDown };
}

/** A text input, by `inputProps`, and suggestions below it. `onLeave` is told of Escape too; `asked` is what opening it
 *  by mouse or arrow searches for. */
export function useSuggestions({ suggestions, text, setText, asked, onSearch, onChoose, onLeave }) {
  const listId = useId();
  const list = useRef(null);
  const [isOpen, setIsOpen] = useState(false);
  const search = useDebounced(onSearch, PAUSE_MS);
  const choices = isOpen ? suggestions : [];
  const choose = (index) => {
    onChoose(choices[index]);
    setIsOpen(false);
  };
  const { current, setActive, onKeyDown } = useActiveChoice(choices.length, choose, list);
  const show = (words) => {
    setActive(0);
    setIsOpen(true);
    search(words);
  };
  const leave = () => {
    setIsOpen(false);
    onLeave();
  };
  const onKey = (event) => {
    if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      event.stopPropagation();
      leave();
    } else if (event.key === "ArrowDown" && !isOpen) {
      event.preventDefault();
      show(asked);
    } else if (isOpen) onKeyDown(event);
  };
  const inputProps = {
    className: "input",
    role: "combobox",
    autoComplete: "off",
    "aria-expanded": isOpen,
    "aria-controls": listId,
    "aria-activedescendant": choices.length ? `${listId}-${current}` : undefined,
    value: text,
    onChange: (event) => {
      setText(event.target.value);
      show(event.target.value);
    },
    onClick: () => !isOpen && show(asked),
    onKeyDown: onKey,
    onBlur: leave,
  };
  const below = choices.length > 0 && (
    <ul ref={list} id={listId} role="listbox" className="choices combobox-choices">
      {choices.map((choice, index) => (
        <li
          key={choice.value}
          id={`${listId}-${index}`}
          role="option"
          aria-selected={index === current}
          className="choice"
          onMouseMove={() => setActive(index)}
          onMouseDown={(event) => {
            event.preventDefault();
            choose(index);
          }}
        >
          <span className="choice-label">{choice.label}</span>
          {choice.kind && <span className="quiet">{choice.kind}</span>}
        </li>
      ))}
    </ul>
  );
  return { inputProps, below };
}
