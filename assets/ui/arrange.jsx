// Things in groups that are put in order: by dragging, by buttons, and by Alt with an arrow key. A thing moves at once;
// the server's answer, told by `settled`, decides.
import { useEffect, useRef, useState } from "react";
import {
  draggable,
  dropTargetForElements,
  monitorForElements,
} from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { useDropZone } from "./drop_zone.jsx";

const MARK = "/icons.svg#";
const LATE_MS = 3000;

function Icon({ name }) {
  return (
    <svg className="icon" aria-hidden="true" focusable="false">
      <use href={MARK + name} />
    </svg>
  );
}

/** Where a drop at this height would put something: before or after the element. */
function edgeAt(element, clientY) {
  const { top, height } = element.getBoundingClientRect();
  return clientY < top + height / 2 ? "before" : "after";
}

/** The same groups with one thing elsewhere; `to.index` counts the others of its new group. */
function rearranged(groups, id, to) {
  const thing = groups.flatMap((group) => group.items).find((item) => item.id === id);
  if (!thing) return groups;
  return groups.map((group) => {
    const items = group.items.filter((item) => item.id !== id);
    if (group.id === to.group) items.splice(to.index, 0, thing);
    return { ...group, items };
  });
}

function placeOf(groups, id) {
  for (const [at, group] of groups.entries()) {
    const index = group.items.findIndex((item) => item.id === id);
    if (index >= 0) return { at, group, index };
  }
  return null;
}

/** One place up or down, over the border of the group where there is another. */
function neighbour(groups, id, step) {
  const { at, group, index } = placeOf(groups, id);
  const to = index + step;
  if (to >= 0 && to < group.items.length) return { group: group.id, index: to };
  const other = groups[at + step];
  return other ? { group: other.id, index: step > 0 ? 0 : other.items.length } : null;
}

function Thing({ item, group, place, isChosen, isFirst, isLast, onChoose, onStep, onKey }) {
  const element = useRef(null);
  const handle = useRef(null);
  const [isDragged, setIsDragged] = useState(false);
  const [edge, setEdge] = useState("");
  useEffect(() => {
    const stopDragging = draggable({
      element: element.current,
      dragHandle: handle.current,
      getInitialData: () => ({ arranged: item.id, place }),
      onDragStart: () => setIsDragged(true),
      onDrop: () => setIsDragged(false),
    });
    const stopTaking = dropTargetForElements({
      element: element.current,
      canDrop: ({ source }) => source.data.place === place,
      getData: ({ input }) => ({ group, beside: item.id, edge: edgeAt(element.current, input.clientY) }),
      onDrag: ({ self, source }) => setEdge(source.data.arranged === item.id ? "" : self.data.edge),
      onDragLeave: () => setEdge(""),
      onDrop: () => setEdge(""),
    });
    return () => {
      stopDragging();
      stopTaking();
    };
  }, [item.id, group, place]);
  return (
    <li
      ref={element}
      className="thing"
      data-thing={item.id}
      data-chosen={isChosen}
      data-dragged={isDragged}
      data-edge={edge}
      data-faded={item.faded}
    >
      <span ref={handle} className="thing-grip" aria-hidden="true">
        <Icon name="grip-vertical" />
      </span>
      <button
        type="button"
        className="thing-main"
        id={`thing-${item.id}`}
        aria-current={isChosen ? "true" : undefined}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
        onClick={() => onChoose(item.id)}
        onKeyDown={(event) => onKey(event, item.id)}
      >
        {item.icon && <Icon name={item.icon} />}
        <span className="thing-label">{item.label}</span>
        <span className="thing-note">{item.note}</span>
        {item.problem && <span className="thing-problem">{item.problem}</span>}
        <span className="thing-badges">
          {item.badges.map((badge) => (
            <span key={badge} className="badge">
              {badge}
            </span>
          ))}
        </span>
      </button>
      <span className="thing-steps">
        <button type="button" className="icon-button" disabled={isFirst} aria-label={`Move ${item.label} up`} onClick={() => onStep(item.id, -1)}>
          <Icon name="arrow-up" />
        </button>
        <button type="button" className="icon-button" disabled={isLast} aria-label={`Move ${item.label} down`} onClick={() => onStep(item.id, 1)}>
          <Icon name="arrow-down" />
        </button>
      </span>
    </li>
  );
}

function Group({ group, place, isChosen, onChoose, children }) {
  const element = useRef(null);
  const isOver = useDropZone(
    element,
    { canDrop: ({ source }) => source.data.place === place, getData: () => ({ group: group.id }) },
    [group.id, place],
  );
  return (
    <section ref={element} className="things-group" data-group={group.id} data-over={isOver} aria-label={group.label}>
      {group.label && (
        <header className="things-head">
          {group.choosable ? (
            <button
              type="button"
              className="things-title"
              id={`group-${group.id}`}
              aria-current={isChosen ? "true" : undefined}
              onClick={() => onChoose(group.id)}
            >
              {group.label}
              <Icon name="pencil" />
            </button>
          ) : (
            <h3 className="things-title">{group.label}</h3>
          )}
          <span className="thing-note">{group.note}</span>
        </header>
      )}
      <ul className="things">
        {children}
        {group.items.length === 0 && <li className="things-empty">{group.empty}</li>}
      </ul>
    </section>
  );
}

/** `place` keeps two arrangements on one page apart. */
export function Arrange({ groups, chosen, settled, place, onChoose, onMove }) {
  const [shown, setShown] = useState(groups);
  const [said, setSaid] = useState("");
  const wanted = useRef("");
  const awaited = useRef(0);
  // An answer to the last move but one would put the thing back, and the next key would count from there.
  useEffect(() => {
    if (settled >= awaited.current) {
      setShown(groups);
      return undefined;
    }
    const late = setTimeout(() => {
      awaited.current = settled;
      setShown(groups);
    }, LATE_MS);
    return () => clearTimeout(late);
  }, [groups, settled]);
  useEffect(() => {
    if (wanted.current) document.getElementById(`thing-${wanted.current}`)?.focus();
    wanted.current = "";
  }, [shown]);
  const move = (id, to) => {
    const from = placeOf(shown, id);
    if (!from || !to || (from.group.id === to.group && from.index === to.index)) return;
    const after = rearranged(shown, id, to);
    const now = placeOf(after, id);
    setShown(after);
    setSaid(`${now.group.items[now.index].label}: place ${now.index + 1} of ${now.group.items.length}${now.group.label ? ` in ${now.group.label}` : ""}.`);
    awaited.current = Math.max(awaited.current, settled) + 1;
    onMove(id, to.group, to.index);
  };
  const step = (id, by) => {
    wanted.current = id;
    move(id, neighbour(shown, id, by));
  };
  const onKey = (event, id) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (event.altKey) step(id, by);
    else {
      const all = [...document.querySelectorAll(`[data-place="${place}"] .thing-main`)];
      all[all.indexOf(event.currentTarget) + by]?.focus();
    }
  };
  const latest = useRef(null);
  latest.current = { shown, move };
  useEffect(
    () =>
      monitorForElements({
        canMonitor: ({ source }) => source.data.place === place,
        onDrop: ({ source, location }) => {
          const data = location.current.dropTargets[0]?.data;
          if (!data) return;
          const id = source.data.arranged;
          const items = latest.current.shown.find((group) => group.id === data.group).items.filter((item) => item.id !== id);
          const beside = items.findIndex((item) => item.id === data.beside);
          if (data.beside === id) return;
          const index = beside < 0 ? items.length : beside + (data.edge === "after" ? 1 : 0);
          latest.current.move(id, { group: data.group, index });
        },
      }),
    [place],
  );
  const last = shown.length - 1;
  return (
    <div className="arrange" data-place={place}>
      {shown.map((group, at) => (
        <Group key={group.id} group={group} place={place} isChosen={chosen === group.id} onChoose={onChoose}>
          {group.items.map((item, index) => (
            <Thing
              key={item.id}
              item={item}
              group={group.id}
              place={place}
              isChosen={chosen === item.id}
              isFirst={at === 0 && index === 0}
              isLast={at === last && index === group.items.length - 1}
              onChoose={onChoose}
              onStep={step}
              onKey={onKey}
            />
          ))}
        </Group>
      ))}
      <div role="status" className="visually-hidden">
        {said}
      </div>
    </div>
  );
}
