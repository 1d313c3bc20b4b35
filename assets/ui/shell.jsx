// The page's title, search over everything, and small behaviours that HTML does not have by itself.
import { useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { useActiveChoice, useDebounced } from "./listbox.jsx";

const MARK = "/icons.svg#";

export function PageTitle({ text }) {
  useEffect(() => {
    if (text) document.title = text === "Trellis" ? text : `${text} · Trellis`;
  }, [text]);
  return null;
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except && !menu.contains(except)) menu.open = false;
  }
}

function moveInLines(event) {
  const link = event.target.closest?.("[data-lines] a.line-link");
  const box = event.key === " " && link?.closest("tr").querySelector(".pick");
  if (box) {
    event.preventDefault();
    box.dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: event.shiftKey }));
  }
  if (!link || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const links = [...link.closest("[data-lines]").querySelectorAll("a.line-link")];
  const next = links[links.indexOf(link) + (event.key === "ArrowDown" ? 1 : -1)];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}

let lastPath = null;

/** A page that goes takes the focused link with it: the keyboard goes on at the top of the next page's content. */
function useFocusInContent() {
  const { pathname } = useLocation();
  useEffect(() => {
    const isFirst = lastPath === null || lastPath === pathname;
    lastPath = pathname;
    if (!isFirst && document.activeElement === document.body) {
      document.getElementById("content")?.focus({ preventScroll: true });
    }
  }, [pathname]);
}

/** Menus close by Escape, by a click elsewhere and after a choice; arrow keys move between the lines of a list. */
export function Behaviours() {
  useFocusInContent();
  useEffect(() => {
    const onClick = (event) => {
      const chosen = event.target.closest?.("details.menu [data-closes]");
      closeMenus(chosen ? null : event.target);
    };
    const onKeyDown = (event) => {
      moveInLines(event);
      const menu = event.key === "Escape" && document.activeElement?.closest?.("details.menu[open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary")?.focus();
      }
    };
    document.addEventListener("click", onClick);
    document.addEventListener("keydown", onKeyDown);
    return () => {
      document.removeEventListener("click", onClick);
      document.removeEventListener("keydown", onKeyDown);
    };
  }, []);
  return null;
}

function Choice({ id, choice, isActive, onChoose, onHover }) {
  return (
    <li id={id} role="option" aria-selected={isActive} className="choice" onMouseMove={onHover} onClick={onChoose}>
      <svg className="icon" aria-hidden="true">
        <use href={MARK + choice.icon} />
      </svg>
      <span className="choice-label">{choice.label}</span>
      <span className="choice-note">{choice.note}</span>
    </li>
  );
}

/** Ctrl-K or ⌘K: go to an object's list or to a record by its name. */
export function Palette({ places, found, foundFor, onSearch }) {
  const dialog = useRef(null);
  const input = useRef(null);
  const list = useRef(null);
  const [text, setText] = useState("");
  const navigate = useNavigate();
  const search = useDebounced(onSearch, 140);
  const words = text.trim().toLowerCase();
  const matching = places.filter((place) => place.label.toLowerCase().includes(words));
  const choices = [
    ...matching.map((place) => ({ ...place, id: place.name, note: "List" })),
    ...(words ? found : []),
  ];
  const close = () => dialog.current?.close();
  const choose = (index) => {
    close();
    navigate(choices[index].href);
  };
  const { current, setActive, onKeyDown } = useActiveChoice(choices.length, choose, list);

  useEffect(() => {
    const open = () => {
      if (dialog.current?.open) return;
      setText("");
      setActive(0);
      dialog.current?.showModal();
      input.current?.focus();
    };
    const onKey = (event) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        open();
      }
    };
    const onClick = (event) => event.target.closest?.("[data-opens-search]") && open();
    document.addEventListener("keydown", onKey);
    document.addEventListener("click", onClick);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("click", onClick);
    };
  }, []);

  const isWaiting = words && foundFor.trim().toLowerCase() !== words;
  return (
    <dialog ref={dialog} className="palette" aria-label="Search" onClick={(e) => e.target === dialog.current && close()}>
      <div className="palette-body">
        <input
          ref={input}
          className="palette-input"
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={choices.length ? `palette-${current}` : undefined}
          aria-label="Search records and pages"
          placeholder="Search records and pages…"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
            search(event.target.value);
          }}
          onKeyDown={onKeyDown}
        />
        <ul ref={list} id="palette-list" role="listbox" className="choices">
          {choices.map((choice, index) => (
            <Choice
              key={choice.id + choice.href}
              id={`palette-${index}`}
              choice={choice}
              isActive={index === current}
              onHover={() => setActive(index)}
              onChoose={() => choose(index)}
            />
          ))}
        </ul>
        {!choices.length && <p className="palette-note">{isWaiting ? "Searching…" : "Nothing has that name."}</p>}
      </div>
    </dialog>
  );
}
