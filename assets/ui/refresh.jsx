// Asks again, once a second, while something moves and the page is in sight; a hidden page asks when it shows again.
import { useEffect, useRef } from "react";

const PERIOD_MS = 1000;

export function Refresh({ isOn, onTick }) {
  const tick = useRef(onTick);
  tick.current = onTick;
  useEffect(() => {
    if (!isOn) return undefined;
    const look = () => document.visibilityState === "visible" && tick.current();
    const timer = setInterval(look, PERIOD_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [isOn]);
  return null;
}
