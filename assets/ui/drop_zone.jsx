// What is dragged with the mouse, and where it may be dropped.
import { useEffect, useState } from "react";
import { dropTargetForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";

/** Makes the element a place to drop on, and says whether something is held over it. `parts` are what `zone` uses. */
export function useDropZone(element, zone, parts) {
  const [isOver, setIsOver] = useState(false);
  useEffect(
    () =>
      dropTargetForElements({
        element: element.current,
        ...zone,
        onDragEnter: () => setIsOver(true),
        onDragLeave: () => setIsOver(false),
        onDrop: () => setIsOver(false),
      }),
    parts,
  );
  return isOver;
}
