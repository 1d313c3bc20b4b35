// Rows of field, operator and value, joined by all or any; a group may stand within a group.
import { RuleValues } from "./rule_values.jsx";

const MAX_DEPTH = 3;
const EMPTY = { field: "", operator: "", values: [] };

const without = (items, index) => items.filter((_, at) => at !== index);
const changed = (items, index, item) => items.map((each, at) => (at === index ? item : each));

export function RuleGroup({ group, depth = 0, onChange, onRemove, ...more }) {
  const items = group.items;
  const set = (next) => onChange({ ...group, items: next });
  const whole = group.join === "and" ? "All of these" : "Any of these";
  return (
    <div className="rule-group" role="group" aria-label={whole} data-depth={depth}>
      <div className="rule-join">
        <select className="input" aria-label="How they are joined" value={group.join} onChange={(event) => onChange({ ...group, join: event.target.value })}>
          <option value="and">All of these hold</option>
          <option value="or">Any of these holds</option>
        </select>
        {onRemove && <Remove label="Remove the group" onClick={onRemove} />}
      </div>
      {items.map((item, index) =>
        item.items ? (
          <RuleGroup key={index} group={item} depth={depth + 1} onChange={(next) => set(changed(items, index, next))} onRemove={() => set(without(items, index))} {...more} />
        ) : (
          <RuleRow key={index} row={item} onChange={(next) => set(changed(items, index, next))} onRemove={() => set(without(items, index))} {...more} />
        ),
      )}
      <div className="rule-adds">
        <button type="button" className="button" onClick={() => set([...items, EMPTY])}>
          Add a condition
        </button>
        {depth < MAX_DEPTH - 1 && (
          <button type="button" className="button plain" onClick={() => set([...items, { join: group.join === "and" ? "or" : "and", items: [EMPTY] }])}>
            Add a group
          </button>
        )}
      </div>
    </div>
  );
}

function Remove({ label, onClick }) {
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={onClick}>
      <svg className="icon" aria-hidden="true">
        <use href="/icons.svg#x" />
      </svg>
    </button>
  );
}

function RuleRow({ row, fields, operators, onChange, onRemove, ...more }) {
  const field = fields.find((each) => each.path === row.field);
  const offered = operators[field?.kind] ?? [];
  const known = offered.some((each) => each.value === row.operator) || !row.operator ? offered : [...offered, { value: row.operator, label: row.operator }];
  const choose = (path) => {
    const next = fields.find((each) => each.path === path);
    const isAlike = next && field && next.input === field.input && !next.choices.length && !next.target;
    onChange({ field: path, operator: isAlike ? row.operator : (operators[next?.kind]?.[0]?.value ?? ""), values: isAlike ? row.values : [] });
  };
  return (
    <div className="rule-row" role="group" aria-label={field?.label || "New condition"}>
      <select className="input" aria-label="Field" value={row.field} onChange={(event) => choose(event.target.value)}>
        <option value="">Choose a field…</option>
        <FieldOptions fields={fields} />
      </select>
      <select className="input" aria-label="Comparison" value={row.operator} disabled={!field} onChange={(event) => onChange({ ...row, operator: event.target.value })}>
        {known.map((each) => (
          <option key={each.value} value={each.value}>
            {each.label}
          </option>
        ))}
      </select>
      <RuleValues row={row} field={field} onValues={(values) => onChange({ ...row, values })} {...more} />
      <Remove label={`Remove ${field?.label || "the condition"}`} onClick={onRemove} />
    </div>
  );
}

function FieldOptions({ fields }) {
  const groups = [...new Set(fields.map((each) => each.group))];
  const options = (group) =>
    fields
      .filter((each) => each.group === group)
      .map((each) => (
        <option key={each.path} value={each.path}>
          {each.label}
        </option>
      ));
  return groups.map((group) =>
    group ? (
      <optgroup key={group} label={group}>
        {options(group)}
      </optgroup>
    ) : (
      options(group)
    ),
  );
}
