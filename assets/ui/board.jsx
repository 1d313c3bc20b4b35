// A board: cards in columns, moved by dragging or by "Move to…". A card moves at once; the server's answer decides.
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { draggable, monitorForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { useDropZone } from "./drop_zone.jsx";

const PATIENCE_MS = 8000;

function Card({ card, stage, canMove, onAsk }) {
  const element = useRef(null);
  const [isDragged, setIsDragged] = useState(false);
  useEffect(() => {
    if (!canMove) return undefined;
    return draggable({
      element: element.current,
      getInitialData: () => ({ card: card.id, stage, version: card.version }),
      onDragStart: () => setIsDragged(true),
      onDrop: () => setIsDragged(false),
    });
  }, [card.id, card.version, stage, canMove]);
  return (
    <li ref={element} className="card" data-card={card.id} data-dragged={isDragged}>
      <Link to={card.href} className="card-title" draggable="false">
        {card.title}
      </Link>
      <span className="card-foot">
        {card.owner && (
          <span className="avatar" role="img" title={card.owner} aria-label={`Owner: ${card.owner}`}>
            {card.initials}
          </span>
        )}
        <span className="card-lines">
          {card.lines.map((line) => (
            <span key={line.label} className={line.css ? `card-line ${line.css}` : "card-line"} title={line.label}>
              {line.text}
            </span>
          ))}
          {card.age && (
            <span className="card-line card-age" data-late={card.is_late} title={card.age_title}>
              <svg className="icon" aria-hidden="true">
                <use href={card.is_late ? "/icons.svg#timer" : "/icons.svg#clock"} />
              </svg>
              <span aria-hidden="true">{card.age}</span>
              <span className="visually-hidden">{card.age_title}</span>
            </span>
          )}
        </span>
        {canMove && (
          <button
            type="button"
            className="card-move"
            aria-haspopup="dialog"
            aria-label={`Move ${card.title} to…`}
            onClick={() => onAsk(card, stage)}
          >
            Move to…
          </button>
        )}
      </span>
    </li>
  );
}

function Column({ column, cards, canMove, draggedFrom, onAsk, onMore }) {
  const element = useRef(null);
  const barred = column.barred;
  const reason = draggedFrom && draggedFrom !== column.stage ? barred[draggedFrom] : "";
  const isOver = useDropZone(
    element,
    {
      canDrop: ({ source }) => !barred[source.data.stage] || source.data.stage === column.stage,
      getData: () => ({ stage: column.stage }),
    },
    [column.stage, barred],
  );
  return (
    <section
      ref={element}
      className="column"
      data-stage={column.stage}
      data-over={isOver}
      data-barred={Boolean(reason)}
      aria-label={column.label}
    >
      <header className="column-head">
        <h2 className={`badge badge-${column.color}`}>{column.label}</h2>
        <span className="column-count">{column.count}</span>
        <span className="column-sum">{column.sum}</span>
        {column.weighted && <span className="column-weighted">{column.weighted}</span>}
      </header>
      {reason && <p className="column-reason">{reason}</p>}
      <ul className="cards">
        {cards.map((card) => (
          <Card key={card.id} card={card} stage={column.stage} canMove={canMove} onAsk={onAsk} />
        ))}
        {cards.length === 0 && <li className="column-empty">Nothing here.</li>}
      </ul>
      {column.more && (
        <button type="button" className="button plain" onClick={() => onMore(column.stage)}>
          {column.more}
        </button>
      )}
    </section>
  );
}

/** Where each card is shown: where the server has it, or where a move that is under way has put it. */
function arranged(columns, moves) {
  const target = new Map(moves.map((move) => [move.card.id, move.to]));
  const moved = columns.flatMap((column) =>
    column.cards.filter((card) => target.has(card.id) && target.get(card.id) !== column.stage),
  );
  return columns.map((column) => [
    column,
    [
      ...moved.filter((card) => target.get(card.id) === column.stage),
      ...column.cards.filter((card) => !target.has(card.id) || target.get(card.id) === column.stage),
    ],
  ]);
}

function MoveDialog({ asked, columns, onChoose, onClose }) {
  const dialog = useRef(null);
  useEffect(() => {
    if (asked) dialog.current?.showModal();
  }, [asked]);
  const choose = (stage) => {
    dialog.current?.close();
    onChoose(stage);
  };
  return (
    <dialog
      ref={dialog}
      className="ask move-dialog"
      aria-label={asked ? `Move ${asked.card.title} to` : "Move to"}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <h2>{asked ? `Move ${asked.card.title} to` : ""}</h2>
      <ul>
        {columns.map((column) => {
          const isHere = asked?.stage === column.stage;
          const reason = isHere ? "is here" : column.barred[asked?.stage];
          return (
            <li key={column.stage}>
              <button
                type="button"
                className="menu-item"
                disabled={isHere || Boolean(reason)}
                onClick={() => choose(column.stage)}
              >
                <span className={`badge badge-${column.color}`}>{column.label}</span>
                {reason && <span className="quiet">{reason}</span>}
              </button>
            </li>
          );
        })}
      </ul>
    </dialog>
  );
}

/** `settled` counts the moves that the server has answered; each answer ends the oldest move that is under way. */
export function Board({ columns, settled, canMove, onMove, onMore }) {
  const [moves, setMoves] = useState([]);
  const [asked, setAsked] = useState(null);
  const [draggedFrom, setDraggedFrom] = useState("");
  const focus = useRef("");

  useEffect(() => setMoves((under) => under.slice(1)), [settled]);
  useEffect(() => {
    const oldest = Date.now() - PATIENCE_MS;
    setMoves((under) => under.filter((move) => move.at > oldest));
  }, [columns]);
  useEffect(() => {
    if (!focus.current) return;
    document.querySelector(`[data-card="${focus.current}"] .card-move`)?.focus();
    focus.current = "";
  });

  const move = (card, version, to) => {
    setMoves((under) => [...under, { card, to, at: Date.now() }]);
    onMove(card.id, to, version);
  };
  useEffect(
    () =>
      monitorForElements({
        canMonitor: ({ source }) => Boolean(source.data.card),
        onDragStart: ({ source }) => setDraggedFrom(source.data.stage),
        onDrop: ({ source, location }) => {
          setDraggedFrom("");
          const to = location.current.dropTargets[0]?.data.stage;
          if (to && to !== source.data.stage) move({ id: source.data.card }, source.data.version, to);
        },
      }),
    [onMove],
  );

  return (
    <div className="board" tabIndex={-1}>
      {arranged(columns, moves).map(([column, cards]) => (
        <Column
          key={column.stage}
          column={column}
          cards={cards}
          canMove={canMove}
          draggedFrom={draggedFrom}
          onAsk={(card, stage) => setAsked({ card, stage })}
          onMore={onMore}
        />
      ))}
      <MoveDialog
        asked={asked}
        columns={columns}
        onClose={() => setAsked(null)}
        onChoose={(to) => {
          focus.current = asked.card.id;
          move(asked.card, asked.card.version, to);
        }}
      />
    </div>
  );
}
