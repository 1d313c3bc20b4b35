// Shows a page's content only at the address that the content is of: never the last record's form, or the last list,
// for a moment. Within one path the old content stays until the new one is there: sorting a list must not blink.
import { useRef } from "react";
import { useLocation } from "react-router";

const plainPath = (path) => path.replace(/\/+$/, "") || "/";
const plainQuery = (query) => new URLSearchParams(query).toString();

export function Arrived({ shownAt, fallback, children }) {
  const { pathname, search } = useLocation();
  const arrivedAt = useRef("");
  const [path, query] = (shownAt || "").split("?");
  const isHere = plainPath(path) === plainPath(pathname);
  if (isHere && plainQuery(query) === plainQuery(search)) arrivedAt.current = pathname;
  return isHere && arrivedAt.current === pathname ? children : fallback;
}
