// Says once that definitions were published while this page was open. A little chance keeps a hundred open pages from
// asking at the same moment.
import { useEffect, useRef } from "react";

const SPREAD_MS = 200;

export function PublishedWatch({ count, onPublished }) {
  const seen = useRef(count);
  useEffect(() => {
    const grew = count > seen.current;
    seen.current = count;
    if (!grew) return undefined;
    const timer = setTimeout(onPublished, Math.random() * SPREAD_MS);
    return () => clearTimeout(timer);
  }, [count]);
  return null;
}
