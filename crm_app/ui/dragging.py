"""What dragging needs in the browser: the components that use it, and only the pages that show those, load it."""

DRAGGING = "@atlaskit/pragmatic-drag-and-drop@4.0.0"
