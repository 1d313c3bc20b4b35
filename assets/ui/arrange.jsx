// Things in groups that are put in order: by dragging, by buttons, and by Alt with an arrow key. A thing moves at once;
// the server's answer, told by `settled`, decides. There may be hundreds: the first ones show before the rest, what didn't
// change is not drawn again, and dragging is prepared where the pointer is.
import { memo, startTransition, useEffect, useMemo, useRef, useState } from "react";
import { draggable, monitorForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { useDropZone } from "./drop_zone.jsx";

const MARK = "/icons.svg#";
const LATE_MS = 3000;
const GAP = 4;
const FIRST_DRAWN = 60;

function Icon({ name }) {
  return (
    <svg className="icon" aria-hidden="true" focusable="false">
      <use href={MARK + name} />
    </svg>
  );
}

/** Beside which thing of the list a drop at this place would put something, and on which side of it. */
function besideAt(list, { clientX, clientY }) {
  const at = (y) => document.elementFromPoint(clientX, y)?.closest(".thing");
  const element = at(clientY) ?? at(clientY - GAP);
  if (!element || !list.contains(element)) return null;
  const { top, height } = element.getBoundingClientRect();
  return { element, beside: element.dataset.thing, edge: clientY < top + height / 2 ? "before" : "after" };
}

/** The same groups with one thing elsewhere; `to.index` counts the others of its new group. */
function rearranged(groups, id, to) {
  return groups.map((group) => {
    const items = group.items.filter((item) => item !== id);
    if (group.id === to.group) items.splice(to.index, 0, id);
    return { ...group, items };
  });
}

function placeOf(groups, id) {
  for (const [at, group] of groups.entries()) {
    const index = group.items.indexOf(id);
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

const isSameThing = (was, is) =>
  Object.keys(is).every((key) => was[key] === is[key] || (key === "item" && JSON.stringify(was.item) === JSON.stringify(is.item)));

const Thing = memo(function Thing({ item, place, isChosen, isFirst, isLast, acts }) {
  const element = useRef(null);
  const handle = useRef(null);
  const stop = useRef(null);
  const [isDragged, setIsDragged] = useState(false);
  useEffect(() => () => stop.current?.(), []);
  const prepare = () => {
    stop.current ??= draggable({
      element: element.current,
      dragHandle: handle.current,
      getInitialData: () => ({ arranged: item.id, place }),
      onDragStart: () => setIsDragged(true),
      onDrop: () => setIsDragged(false),
    });
  };
  return (
    <li
      ref={element}
      className="thing"
      data-thing={item.id}
      data-chosen={isChosen}
      data-dragged={isDragged}
      data-faded={item.faded}
      onPointerEnter={prepare}
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
        onClick={() => acts.choose(item.id)}
        onKeyDown={(event) => acts.key(event, item.id)}
      >
        {item.icon && <Icon name={item.icon} />}
        <span className="thing-label">{item.label}</span>
        <span className="thing-note">{item.note}</span>
        {item.problem && <span className="thing-problem">{item.problem}</span>}
        <span className="thing-badges">
          {(item.badges ?? []).map((badge) => (
            <span key={badge} className="badge">
              {badge}
            </span>
          ))}
        </span>
      </button>
      <span className="thing-steps">
        <button type="button" className="icon-button" disabled={isFirst} aria-label={`Move ${item.label} up`} onClick={() => acts.step(item.id, -1)}>
          <Icon name="arrow-up" />
        </button>
        <button type="button" className="icon-button" disabled={isLast} aria-label={`Move ${item.label} down`} onClick={() => acts.step(item.id, 1)}>
          <Icon name="arrow-down" />
        </button>
      </span>
    </li>
  );
}, isSameThing);

function Group({ group, place, isChosen, onChoose, children }) {
  const element = useRef(null);
  const marked = useRef(null);
  const mark = (found) => {
    if (marked.current && marked.current !== found?.element) delete marked.current.dataset.edge;
    if (found) found.element.dataset.edge = found.edge;
    marked.current = found?.element;
  };
  const isOver = useDropZone(
    element,
    {
      canDrop: ({ source }) => source.data.place === place,
      getData: ({ input }) => {
        const { beside, edge } = besideAt(element.current, input) ?? {};
        return { group: group.id, beside, edge };
      },
      onDrag: ({ source, location }) => {
        const found = besideAt(element.current, location.current.input);
        mark(found?.beside === source.data.arranged ? null : found);
      },
    },
    [group.id, place],
  );
  useEffect(() => {
    if (!isOver) mark(null);
  }, [isOver]);
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

/** `groups` hold the ids of `things`; `place` keeps two arrangements on one page apart. */
export function Arrange({ groups, things, chosen, settled, place, onChoose, onMove }) {
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
    setSaid(`${things[id].label}: place ${now.index + 1} of ${now.group.items.length}${now.group.label ? ` in ${now.group.label}` : ""}.`);
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
  latest.current = { shown, move, step, key: onKey, choose: onChoose };
  const acts = useMemo(
    () => ({
      choose: (id) => latest.current.choose(id),
      step: (id, by) => latest.current.step(id, by),
      key: (event, id) => latest.current.key(event, id),
    }),
    [],
  );
  useEffect(
    () =>
      monitorForElements({
        canMonitor: ({ source }) => source.data.place === place,
        onDrop: ({ source, location }) => {
          const data = location.current.dropTargets[0]?.data;
          if (!data) return;
          const id = source.data.arranged;
          const items = latest.current.shown.find((group) => group.id === data.group).items.filter((item) => item !== id);
          const beside = items.indexOf(data.beside);
          if (data.beside === id) return;
          const index = beside < 0 ? items.length : beside + (data.edge === "after" ? 1 : 0);
          latest.current.move(id, { group: data.group, index });
        },
      }),
    [place],
  );
  const [isWhole, setIsWhole] = useState(false);
  useEffect(() => startTransition(() => setIsWhole(true)), []);
  const last = shown.length - 1;
  let drawn = 0;
  return (
    <div className="arrange" data-place={place}>
      {shown.map((group, at) => (
        <Group key={group.id} group={group} place={place} isChosen={chosen === group.id} onChoose={onChoose}>
          {group.items.map(
            (id, index) =>
              things[id] &&
              (isWhole || ++drawn <= FIRST_DRAWN) && (
                <Thing
                  key={id}
                  item={things[id]}
                  place={place}
                  isChosen={chosen === id}
                  isFirst={at === 0 && index === 0}
                  isLast={at === last && index === group.items.length - 1}
                  acts={acts}
                />
              ),
          )}
        </Group>
      ))}
      <div role="status" className="visually-hidden">
        {said}
      </div>
    </div>
  );
}
