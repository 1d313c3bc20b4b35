// The search of a list or board. Typing leads to an address; the address (back, "Clear all") leads to the text.
import { useEffect, useRef, useState } from "react";

const PAUSE_MS = 250;
const PATIENCE_MS = 5000;
const MAX_LENGTH = 200;

export function SearchBox({ text, label, onSearch }) {
  const [typed, setTyped] = useState(text);
  const timer = useRef(0);
  const sent = useRef(null);
  const underWay = () => (sent.current && Date.now() - sent.current.at < PATIENCE_MS ? sent.current.words : null);
  const type = (words) => {
    setTyped(words);
    clearTimeout(timer.current);
    const wanted = words.trim();
    if (wanted === (underWay() ?? text)) return;
    timer.current = setTimeout(() => {
      sent.current = { words: wanted, at: Date.now() };
      onSearch(wanted);
    }, PAUSE_MS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    const awaited = underWay();
    if (awaited === null || awaited === text) sent.current = null;
    if (awaited !== null) return;
    clearTimeout(timer.current);
    setTyped((now) => (now.trim() === text ? now : text));
  }, [text]);
  return (
    <label className="search-input">
      <svg className="icon" aria-hidden="true">
        <use href="/icons.svg#search" />
      </svg>
      <input
        type="search"
        placeholder={`${label}…`}
        aria-label={label}
        maxLength={MAX_LENGTH}
        value={typed}
        onChange={(event) => type(event.target.value)}
      />
    </label>
  );
}
