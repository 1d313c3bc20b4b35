// Small parts of one shape as rows, in their order where it is a list. The hidden input holds them as JSON; `*` is the
// name of a part that has one. A row that says nothing yet waits for its first word.
import { useEffect, useRef, useState } from "react";
import { Icon } from "./icon.jsx";
import { apiName } from "./naming.jsx";

let turn = 0;
const keyed = (row) => ({ ...row, key: ++turn });

export function RowsInput({ name, inputId, value, label, columns, isList, problem }) {
  const [rows, setRows] = useState(() => JSON.parse(value || "[]").map(keyed));
  const hidden = useRef(null);
  const box = useRef(null);
  const wanted = useRef("");
  const isTold = useRef(false);
  const names = columns.map((column) => column.name);
  const isNamed = names.includes("name") && names.includes("label");
  const said = ({ key, ...row }) => (isNamed && !row.name && row.label ? { ...row, name: apiName(row.label) } : row);
  const isSaid = (row) => columns.some(({ name, kind }) => kind !== "tick" && String(row[name] ?? "").trim());
  const text = JSON.stringify(rows.map(said).filter(isSaid));
  useEffect(() => {
    if (wanted.current) box.current?.querySelector(wanted.current)?.focus();
    wanted.current = "";
    if (isTold.current) hidden.current?.dispatchEvent(new Event("change", { bubbles: true }));
    isTold.current = false;
  }, [rows]);
  const change = (key, cell, given) => setRows((all) => all.map((row) => (row.key === key ? { ...row, [cell]: given } : row)));
  const add = () => {
    const row = keyed({});
    wanted.current = `[data-row="${row.key}"] :is(input, select)`;
    setRows([...rows, row]);
  };
  const remove = (key) => {
    isTold.current = true;
    wanted.current = "[data-add]";
    setRows(rows.filter((row) => row.key !== key));
  };
  const swap = (at, by) => {
    isTold.current = true;
    wanted.current = `[data-row="${rows[at].key}"] [data-step="${by}"]`;
    const next = [...rows];
    [next[at], next[at + by]] = [next[at + by], next[at]];
    setRows(next);
  };
  return (
    <fieldset ref={box} className="value-map rows-input" aria-describedby={problem ? `${inputId}-error` : undefined}>
      <legend>{label}</legend>
      <input ref={hidden} type="hidden" id={inputId} name={name} value={text} />
      {rows.map((row, at) => {
        const title = String(row.label || row.name || row["*"] || `Row ${at + 1}`);
        return (
          <div key={row.key} data-row={row.key} className="value-row" role="group" aria-label={title}>
            <div className="row-cells">
              {columns.filter((column) => isAsked(column, row)).map((column) => (
                <Cell key={column.name} column={column} row={row} hint={isNamed && column.name === "name" ? apiName(row.label || "") : ""} onGiven={(given) => change(row.key, column.name, given)} />
              ))}
            </div>
            <div className="row-tools">
              {isList && <Tool mark="arrow-up" label={`Move ${title} up`} step="-1" disabled={at === 0} onClick={() => swap(at, -1)} />}
              {isList && <Tool mark="arrow-down" label={`Move ${title} down`} step="1" disabled={at === rows.length - 1} onClick={() => swap(at, 1)} />}
              <Tool mark="x" label={`Remove ${title}`} onClick={() => remove(row.key)} />
            </div>
          </div>
        );
      })}
      <button type="button" data-add className="button" onClick={add}>
        <Icon name="plus" />
        Add
        <span className="visually-hidden"> to {label}</span>
      </button>
    </fieldset>
  );
}

/** Words to choose from are asked for where there is a choice. */
const isAsked = ({ kind, name }, row) => kind !== "words" || row[name]?.length > 0 || Object.values(row).includes("choice");

function Tool({ mark, label, step, ...more }) {
  return (
    <button type="button" data-step={step} className="icon-button" aria-label={label} title={label} {...more}>
      <Icon name={mark} />
    </button>
  );
}

function Cell({ column, row, hint, onGiven }) {
  const { name, kind, label, choices } = column;
  const given = row[name];
  if (kind === "tick")
    return (
      <label className="tick row-tick">
        <input type="checkbox" checked={given ?? column.default ?? false} onChange={(event) => onGiven(event.target.checked)} />
        <span>{label}</span>
      </label>
    );
  if (kind === "choice") {
    const value = given ?? column.default ?? "";
    const isKnown = value === "" || choices.some((choice) => choice.value === value);
    return (
      <label className="row-cell">
        <span>{label}</span>
        <select className="input" value={value} onChange={(event) => onGiven(event.target.value)}>
          {(value === "" || !column.default) && <option value="">{column.is_required ? "Choose…" : "None"}</option>}
          {!isKnown && <option value={value}>{value} (unknown)</option>}
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      </label>
    );
  }
  return (
    <label className="row-cell" data-wide={name === "label" || undefined}>
      <span>{label}</span>
      {kind === "words" ? (
        <Words given={given ?? []} onGiven={onGiven} />
      ) : (
        <input className="input" autoComplete="off" placeholder={hint} value={given ?? ""} onChange={(event) => onGiven(event.target.value)} onKeyDown={leaveOnEnter} />
      )}
    </label>
  );
}

/** Typed with commas between them. */
function Words({ given, onGiven }) {
  const [text, setText] = useState(given.join(", "));
  const typed = (words) => {
    setText(words);
    onGiven(words.split(",").map((word) => word.trim()).filter(Boolean));
  };
  return <input className="input" autoComplete="off" placeholder="One, another" value={text} onChange={(event) => typed(event.target.value)} onKeyDown={leaveOnEnter} />;
}

const leaveOnEnter = (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  event.currentTarget.dispatchEvent(new Event("change", { bubbles: true }));
};
