// Shows a page's content only at the address that the content is of: never the last record's form for a moment.
import { useLocation } from "react-router";

const plain = (path) => path.replace(/\/+$/, "") || "/";

export function Arrived({ shownAt, fallback, children }) {
  const { pathname } = useLocation();
  return shownAt && plain(shownAt) === plain(pathname) ? children : fallback;
}
