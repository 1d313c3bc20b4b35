// Short sentences about what just happened, and the element that gets the keyboard.
import { useEffect, useState } from "react";
import { Link, useLocation } from "react-router";
import { reveal } from "./reveal.jsx";

const SHOWN_MS = { good: 5000, bad: 9000 };
const BROUGHT_ALONG_MS = 1500;

/** Once for each turn, in this tab: a page that is loaded again is told once more what was said before. */
function useTurn(name, turn, act) {
  useEffect(() => {
    const key = `trellis-${name}`;
    if (!turn || sessionStorage.getItem(key) === String(turn)) return;
    sessionStorage.setItem(key, turn);
    act();
  }, [turn]);
}

/** A tab that was just chosen shows its panel some frames later. */
function focusOnceShown(element, framesLeft) {
  if (element.checkVisibility() || !framesLeft) element.focus();
  else requestAnimationFrame(() => focusOnceShown(element, framesLeft - 1));
}

export function Notices({ notice, focus }) {
  const [shown, setShown] = useState([]);
  const remove = (turn) => setShown((all) => all.filter((each) => each.turn !== turn));
  useTurn("notice", notice.turn, () => {
    setShown((all) => [...all.slice(-2), { ...notice, at: Date.now() }]);
    setTimeout(() => remove(notice.turn), SHOWN_MS[notice.kind] ?? SHOWN_MS.good);
  });
  // What an older page said is not about the next one; what led there is.
  const { pathname } = useLocation();
  useEffect(() => {
    const oldest = Date.now() - BROUGHT_ALONG_MS;
    setShown((all) => all.filter((each) => each.at > oldest));
  }, [pathname]);
  useTurn("focus", focus.turn, () => {
    const element = document.getElementById(focus.id);
    if (!element) return;
    reveal(element);
    focusOnceShown(element, 60);
  });
  return (
    <div className="notices" aria-live="polite" role="status">
      {shown.map((each) => (
        <div key={each.turn} className="notice" data-kind={each.kind}>
          <svg className="icon" aria-hidden="true">
            <use href={`/icons.svg#${each.kind === "bad" ? "triangle-alert" : "circle-check"}`} />
          </svg>
          <span>
            {each.text}
            {each.why && (
              <>
                {" "}
                <Link to={each.why} className="notice-why" onClick={() => remove(each.turn)}>
                  Why can't I?
                </Link>
              </>
            )}
          </span>
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => remove(each.turn)}>
            <svg className="icon" aria-hidden="true">
              <use href="/icons.svg#x" />
            </svg>
          </button>
        </div>
      ))}
    </div>
  );
}
