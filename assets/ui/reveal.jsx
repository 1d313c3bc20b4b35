/** Opens what hides an element: folded sections around it, and the tab that it is on. */
export function reveal(element) {
  for (let fold = element.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
  element.dispatchEvent(new CustomEvent("reveal", { bubbles: true }));
}
