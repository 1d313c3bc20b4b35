// A relation field: type a name, choose a record. The form sends the record's id by the hidden input.
import { useEffect, useRef, useState } from "react";
import { useSuggestions } from "./listbox.jsx";

export function Combobox({ name, inputId, value, label, suggestions, placeholder = "Type a name…", required, invalid, describedBy, inputLabel, onSearch, onChoose }) {
  const [chosen, setChosen] = useState({ value: value ?? "", label: label ?? "" });
  const [text, setText] = useState(label ?? "");
  const hidden = useRef(null);
  const sent = text.trim() ? chosen.value : "";
  const told = useRef(sent);
  useEffect(() => {
    if (told.current !== sent) {
      hidden.current?.dispatchEvent(new Event("change", { bubbles: true }));
      onChoose?.(sent, text);
    }
    told.current = sent;
  }, [sent]);
  const choose = (choice) => {
    setChosen(choice);
    setText(choice.label);
  };
  const leave = () => {
    if (!text.trim()) setChosen({ value: "", label: "" });
    else setText(chosen.label);
  };
  const { inputProps, below } = useSuggestions({
    suggestions,
    text,
    setText,
    asked: "",
    onSearch,
    onChoose: choose,
    onLeave: leave,
  });
  return (
    <div className="combobox">
      <input ref={hidden} type="hidden" name={name} value={sent} />
      <input
        {...inputProps}
        id={inputId}
        aria-label={inputLabel}
        aria-required={required || undefined}
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy || undefined}
        placeholder={placeholder}
        onFocus={(event) => event.target.select()}
      />
      {below}
    </div>
  );
}
