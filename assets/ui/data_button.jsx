// What a rule can be given, picked instead of typed: it goes where the caret is.
import { lazy, Suspense, useState } from "react";
import { Icon } from "./icon.jsx";

const ChoicePalette = lazy(() => import("./choice_palette.jsx").then(({ ChoicePalette }) => ({ default: ChoicePalette })));

export function DataButton({ data, label, onPick }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <button type="button" className="button rule-open" aria-haspopup="dialog" onClick={() => setIsOpen(true)}>
        <Icon name="list-plus" />
        Insert data
        <span className="visually-hidden"> into {label}</span>
      </button>
      {isOpen && (
        <Suspense fallback={null}>
          <ChoicePalette title="Insert data" placeholder="Which data?" choices={data} onChoose={onPick} onClose={() => setIsOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
