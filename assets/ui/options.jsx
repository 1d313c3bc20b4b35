// The options of a choice: in order, each with a label, a colour and a name that stays once it is live. The form sends
// them as JSON by the hidden input.
import { useEffect, useRef, useState } from "react";
import { apiName } from "./naming.jsx";

let turn = 0;
const withKey = (option, isKept) => ({ label: "", name: "", color: "", ...option, key: ++turn, isKept });

function parsed(text) {
  try {
    return JSON.parse(text || "[]").map((option) => withKey(option, true));
  } catch {
    return [];
  }
}

function nameOf(option) {
  return option.isKept ? option.name : apiName(option.label);
}

export function Options({ name, value, colors, label }) {
  const [options, setOptions] = useState(() => {
    const given = parsed(value);
    return given.length ? given : [withKey({}, false)];
  });
  const hidden = useRef(null);
  const box = useRef(null);
  const wanted = useRef("");
  const text = JSON.stringify(
    options.filter((option) => option.label.trim()).map((option) => ({ name: nameOf(option), label: option.label.trim(), ...(option.color ? { color: option.color } : {}) })),
  );
  useEffect(() => {
    if (wanted.current) box.current?.querySelector(wanted.current)?.focus();
    wanted.current = "";
  }, [options]);
  /** What was done by a button is a change like any other: the form hears of it once it is in the hidden input. */
  const sent = useRef(text);
  const tell = useRef(false);
  useEffect(() => {
    if (tell.current && sent.current !== text) {
      sent.current = text;
      hidden.current?.dispatchEvent(new Event("change", { bubbles: true }));
    }
    tell.current = false;
  }, [text]);
  const change = (key, values) => setOptions((all) => all.map((each) => (each.key === key ? { ...each, ...values } : each)));
  const swap = (index, by) => {
    wanted.current = `[data-option="${options[index].key}"] [data-step="${by}"]`;
    tell.current = true;
    setOptions((all) => {
      const next = [...all];
      [next[index], next[index + by]] = [next[index + by], next[index]];
      return next;
    });
  };
  const add = () => {
    const option = withKey({}, false);
    wanted.current = `[data-option="${option.key}"] input`;
    setOptions((all) => [...all, option]);
  };
  return (
    <div ref={box} className="options" role="group" aria-label={label}>
      <input ref={hidden} type="hidden" name={name} value={text} />
      <ol className="options-list">
        {options.map((option, index) => (
          <li key={option.key} className="option" data-option={option.key}>
            <input
              className="input"
              aria-label={`Option ${index + 1}`}
              title={nameOf(option)}
              placeholder="Label"
              value={option.label}
              maxLength={100}
              onChange={(event) => change(option.key, { label: event.target.value })}
              onKeyDown={(event) => {
                if (event.key !== "Enter") return;
                event.preventDefault();
                add();
              }}
            />
            <select
              className="input"
              aria-label={`Color of ${option.label || `option ${index + 1}`}`}
              value={option.color}
              onChange={(event) => change(option.key, { color: event.target.value })}
            >
              <option value="">No colour</option>
              {colors.map((color) => (
                <option key={color} value={color}>
                  {color}
                </option>
              ))}
            </select>
            <button type="button" data-step="-1" className="icon-button" disabled={index === 0} aria-label={`Move ${option.label} up`} onClick={() => swap(index, -1)}>
              <svg className="icon" aria-hidden="true">
                <use href="/icons.svg#arrow-up" />
              </svg>
            </button>
            <button type="button" data-step="1" className="icon-button" disabled={index === options.length - 1} aria-label={`Move ${option.label} down`} onClick={() => swap(index, 1)}>
              <svg className="icon" aria-hidden="true">
                <use href="/icons.svg#arrow-down" />
              </svg>
            </button>
            <button
              type="button"
              className="icon-button"
              disabled={options.length === 1}
              aria-label={`Remove ${option.label || `option ${index + 1}`}`}
              onClick={() => {
                tell.current = true;
                setOptions((all) => all.filter((each) => each.key !== option.key));
              }}
            >
              <svg className="icon" aria-hidden="true">
                <use href="/icons.svg#x" />
              </svg>
            </button>
          </li>
        ))}
      </ol>
      <button type="button" className="button plain" onClick={add}>
        <svg className="icon" aria-hidden="true">
          <use href="/icons.svg#plus" />
        </svg>
        Add an option
      </button>
    </div>
  );
}
