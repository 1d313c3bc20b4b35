// A rule's text in colours, with what is wrong underlined.
const TOKEN =
  /('(?:[^']|'')*'?)|(@[0-9T:Z.+-]*|\bP(?=[\dT])[\dYMWDTHS.]+\b|\b\d+(?:\.\d+)?(?:\s*[A-Z]{3}\b)?)|([A-Za-z_]\w*)/g;
const WORDS = new Set(
  ["and", "or", "not", "in", "between", "is", "empty", "if", "then", "else", "true", "false", "null", "where", "as"].concat(
    ["contains", "starts", "ends", "with", "me", "today", "now", "old", "vars", "steps"],
  ),
);

function kindOf(match, text) {
  if (match[1]) return "text";
  if (match[2]) return "number";
  const follows = text.slice(match.index + match[0].length).trimStart()[0];
  if (WORDS.has(match[3]) && text[match.index - 1] !== ".") return "word";
  return follows === "(" ? "function" : "field";
}

function piecesOf(text) {
  const pieces = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > at) pieces.push({ from: at, to: match.index, kind: "" });
    at = match.index + match[0].length;
    pieces.push({ from: match.index, to: at, kind: kindOf(match, text) });
  }
  if (at < text.length) pieces.push({ from: at, to: text.length, kind: "" });
  return pieces;
}

/** `wrong` is a pair of places; one that is empty or past the end marks the last letter. */
export function Painted({ text, wrong }) {
  const [from, to] = wrong ? [Math.min(wrong[0], Math.max(text.length - 1, 0)), Math.max(wrong[1], wrong[0] + 1)] : [0, 0];
  return piecesOf(text).flatMap((piece) => {
    const cuts = [piece.from, Math.max(from, piece.from), Math.min(to, piece.to), piece.to];
    const shown = (start, end, isWrong) =>
      start < end && (
        <span key={start} className={`rule-${piece.kind || "mark"}${isWrong ? " rule-wrong" : ""}`}>
          {text.slice(start, end)}
        </span>
      );
    if (cuts[1] >= cuts[2]) return [shown(piece.from, piece.to, false)];
    return [shown(cuts[0], cuts[1], false), shown(cuts[1], cuts[2], true), shown(cuts[2], cuts[3], false)];
  });
}
