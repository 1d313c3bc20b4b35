// Filtering a list by a rule. The editor is loaded once somebody wants it.
import { lazy, Suspense, useState } from "react";

const RuleSheet = lazy(() => import("./rule_sheet.jsx").then(({ RuleSheet }) => ({ default: RuleSheet })));
const PLACE = "filter";

export function RuleFilter({ rule, answers, onLook, onApply, ...desk }) {
  const [isOpen, setIsOpen] = useState(false);
  const close = (changed) => {
    setIsOpen(false);
    if (changed !== null && changed.trim() !== rule) onApply(changed);
  };
  return (
    <>
      <button type="button" className="button" aria-haspopup="dialog" onClick={() => setIsOpen(true)}>
        <svg className="icon" aria-hidden="true">
          <use href="/icons.svg#list-checks" />
        </svg>
        {rule ? "Change the rule…" : "Filter by a rule…"}
      </button>
      {isOpen && (
        <Suspense fallback={null}>
          <RuleSheet place={PLACE} label="Filter by a rule" begun={rule} answer={answers?.[PLACE]} onLook={onLook} onClose={close} {...desk} />
        </Suspense>
      )}
    </>
  );
}
