// A modest editor for rich text. The hidden input carries the HTML; what is harmful in it the server takes out.
import { useRef, useState } from "react";

const COMMANDS = [
  ["bold", null, "Bold", "B"],
  ["italic", null, "Italic", "I"],
  ["underline", null, "Underline", "U"],
  ["formatBlock", "h3", "Heading", "H"],
  ["formatBlock", "p", "Paragraph", "¶"],
  ["insertUnorderedList", null, "Bulleted list", "•"],
  ["insertOrderedList", null, "Numbered list", "1."],
  ["formatBlock", "blockquote", "Quote", "”"],
  ["removeFormat", null, "Remove formatting", "⨯"],
];
const ADDRESS = /^(https?:\/\/|mailto:|tel:)\S+$/i;

export function RichText({ name, inputId, value, label, required, invalid, describedBy }) {
  const box = useRef(null);
  const first = useRef(value ?? "");
  const saved = useRef(null);
  const [markup, setMarkup] = useState(first.current);
  const [address, setAddress] = useState(null);
  const read = () => setMarkup(box.current.innerHTML);
  const run = (command, argument) => {
    box.current.focus();
    document.execCommand(command, false, argument);
    read();
  };
  const askForAddress = () => {
    const selection = window.getSelection();
    const isInside = selection.rangeCount > 0 && box.current.contains(selection.anchorNode);
    saved.current = isInside ? selection.getRangeAt(0) : null;
    setAddress("https://");
  };
  const linkTo = () => {
    setAddress(null);
    if (!ADDRESS.test(address) || !saved.current) return;
    box.current.focus();
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(saved.current);
    run(saved.current.collapsed ? "insertText" : "createLink", address);
  };
  const onAddressKey = (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") linkTo();
    else setAddress(null);
  };
  const paste = (event) => {
    event.preventDefault();
    document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
  };
  return (
    <div className="rich-input">
      <input type="hidden" name={name} value={markup} />
      <div className="rich-tools" role="toolbar" aria-label={`${label}: formatting`}>
        {COMMANDS.map(([command, argument, title, mark]) => (
          <button
            key={title}
            type="button"
            className={`rich-tool rich-tool-${command}`}
            title={title}
            aria-label={title}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => run(command, argument)}
          >
            {mark}
          </button>
        ))}
        <button type="button" className="rich-tool" title="Link" onMouseDown={(event) => event.preventDefault()} onClick={askForAddress}>
          Link
        </button>
        {address !== null && (
          <input
            className="input rich-address"
            aria-label="Address of the link"
            autoFocus
            value={address}
            onChange={(event) => setAddress(event.target.value)}
            onKeyDown={onAddressKey}
            onBlur={() => setAddress(null)}
          />
        )}
      </div>
      <div
        ref={box}
        id={inputId}
        className="input rich-box rich-text"
        contentEditable
        suppressContentEditableWarning
        role="textbox"
        aria-multiline="true"
        aria-label={label}
        aria-required={required ? "true" : "false"}
        aria-invalid={invalid ? "true" : "false"}
        aria-describedby={describedBy || undefined}
        onInput={read}
        onPaste={paste}
        onFocus={() => document.execCommand("defaultParagraphSeparator", false, "p")}
        dangerouslySetInnerHTML={{ __html: first.current }}
      />
    </div>
  );
}
