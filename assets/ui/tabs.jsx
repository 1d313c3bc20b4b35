// Tabs by the book: arrow keys, Home and End move between them. Every panel stays mounted, so nothing typed is lost.
import { createContext, useContext, useEffect, useId, useRef, useState } from "react";

const Chosen = createContext(null);

export function Tabs({ tabs, label, children }) {
  const base = useId();
  const [wanted, choose] = useState("");
  const buttons = useRef({});
  const keys = tabs.map((tab) => tab.key);
  const chosen = keys.includes(wanted) ? wanted : keys[0];
  const onKeyDown = (event) => {
    const at = keys.indexOf(chosen);
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: keys.length - 1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = keys[(steps[event.key] + keys.length) % keys.length];
    choose(next);
    buttons.current[next]?.focus();
  };
  return (
    <Chosen.Provider value={{ base, chosen, choose, isAlone: keys.length < 2 }}>
      {keys.length > 1 && (
        <div role="tablist" aria-label={label} className="tab-list" onKeyDown={onKeyDown}>
          {tabs.map((tab) => (
            <button
              key={tab.key}
              ref={(element) => {
                buttons.current[tab.key] = element;
              }}
              type="button"
              role="tab"
              id={`${base}-${tab.key}`}
              aria-controls={`${base}-${tab.key}-panel`}
              aria-selected={tab.key === chosen}
              tabIndex={tab.key === chosen ? 0 : -1}
              className="tab"
              onClick={() => choose(tab.key)}
            >
              {tab.label}
            </button>
          ))}
        </div>
      )}
      {children}
    </Chosen.Provider>
  );
}

export function TabPanel({ tabKey, className, children }) {
  const { base, chosen, choose, isAlone } = useContext(Chosen);
  const panel = useRef(null);
  useEffect(() => {
    const element = panel.current;
    const show = () => choose(tabKey);
    element.addEventListener("reveal", show);
    return () => element.removeEventListener("reveal", show);
  }, [tabKey]);
  const named = isAlone ? {} : { role: "tabpanel", id: `${base}-${tabKey}-panel`, "aria-labelledby": `${base}-${tabKey}` };
  return (
    <div ref={panel} {...named} className={className} hidden={!isAlone && chosen !== tabKey}>
      {children}
    </div>
  );
}
