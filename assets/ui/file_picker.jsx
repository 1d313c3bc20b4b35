// A file field: choose or drop files, see how far they are, take them off. The form sends their ids by the hidden input.
import { useEffect, useRef, useState } from "react";

const ADDRESS = "/files";
const UNITS = ["bytes", "kB", "MB"];

function sizeText(bytes) {
  const power = bytes < 1000 ? 0 : bytes < 1e6 ? 1 : 2;
  return `${Number((bytes / 1000 ** power).toFixed(power === 2 ? 1 : 0))} ${UNITS[power]}`;
}

function misfit(file, pick) {
  if (file.size > pick.max_bytes) return `It has ${sizeText(file.size)}; at most ${sizeText(pick.max_bytes)} fit.`;
  const fits = pick.accept.split(",").some((extension) => file.name.toLowerCase().endsWith(extension));
  return fits ? "" : "Files of this kind don't fit here.";
}

function send(file, onProgress) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve) => {
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      const isKept = request.status === 201;
      resolve(isKept ? JSON.parse(request.responseText) : { problem: request.responseText.slice(0, 300) });
    };
    request.onerror = () => resolve({ problem: "The connection was lost. Choose it again." });
    request.onabort = () => resolve(null);
  });
  request.open("POST", `${ADDRESS}?name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader("content-type", "application/octet-stream");
  request.send(file);
  return { request, done };
}

function Line({ item, onRemove }) {
  const isUnderWay = !item.id && !item.problem;
  return (
    <li className="file-line" data-state={item.problem ? "refused" : isUnderWay ? "coming" : "kept"}>
      <svg className="icon" aria-hidden="true">
        <use href={`/icons.svg#${item.problem ? "triangle-alert" : "paperclip"}`} />
      </svg>
      {item.id ? (
        <a href={`${ADDRESS}/${item.id}`} download className="file-name quiet-link">
          {item.name}
        </a>
      ) : (
        <span className="file-name">{item.name}</span>
      )}
      <span className="file-size">{sizeText(item.size)}</span>
      <button type="button" className="icon-button" aria-label={`Remove ${item.name}`} onClick={onRemove}>
        <svg className="icon" aria-hidden="true">
          <use href="/icons.svg#x" />
        </svg>
      </button>
      {isUnderWay && <progress aria-label={`Sending ${item.name}`} max="1" value={item.progress} />}
      {item.problem && <p className="field-error">{item.problem}</p>}
    </li>
  );
}

export function FilePicker({ name, inputId, pick, label, required, invalid, describedBy }) {
  const [items, setItems] = useState(() => pick.held.map((each) => ({ ...each, key: each.id })));
  const [isOver, setIsOver] = useState(false);
  const [said, setSaid] = useState("");
  const [isWaiting, setIsWaiting] = useState(false);
  const input = useRef(null);
  const number = useRef(0);
  const requests = useRef(new Map());
  const isBusy = items.some((item) => !item.id && !item.problem);
  const room = pick.max_files - items.filter((item) => !item.problem).length;

  useEffect(() => () => requests.current.forEach((request) => request.abort()), []);
  useEffect(() => {
    const form = input.current?.form;
    if (!isBusy || !form) return undefined;
    const wait = (event) => {
      event.preventDefault();
      event.stopPropagation();
      setIsWaiting(true);
      setSaid("A file is still on its way. Save again when it has arrived.");
      input.current.focus();
    };
    form.addEventListener("submit", wait, true);
    return () => {
      form.removeEventListener("submit", wait, true);
      setIsWaiting(false);
    };
  }, [isBusy]);

  const change = (key, values) =>
    setItems((all) => all.map((item) => (item.key === key ? { ...item, ...values } : item)));
  const remove = (item) => {
    requests.current.get(item.key)?.abort();
    setItems((all) => all.filter((each) => each.key !== item.key));
    setSaid(`${item.name} was removed.`);
    input.current.focus();
  };
  const start = async (file, key) => {
    const { request, done } = send(file, (progress) => change(key, { progress }));
    requests.current.set(key, request);
    const answer = await done;
    requests.current.delete(key);
    if (!answer) return;
    change(key, answer);
    setSaid(answer.problem || `${file.name} has arrived.`);
  };
  const add = (files) => {
    const isOne = pick.max_files === 1;
    const chosen = [...files].slice(0, isOne ? 1 : Math.max(room, 0));
    if (!isOne && files.length > chosen.length) setSaid(`At most ${pick.max_files} files fit.`);
    const lines = chosen.map((file) => {
      number.current += 1;
      return { file, key: `new-${number.current}`, name: file.name, size: file.size, progress: 0, problem: misfit(file, pick) };
    });
    if (!lines.length) return;
    if (isOne) requests.current.forEach((request) => request.abort());
    setItems((all) => [...(isOne ? [] : all.filter((item) => !item.problem)), ...lines]);
    lines.filter((line) => !line.problem).forEach((line) => start(line.file, line.key));
  };
  const drop = (event) => {
    event.preventDefault();
    setIsOver(false);
    add(event.dataTransfer.files);
  };
  const over = (event) => {
    event.preventDefault();
    setIsOver(true);
  };

  return (
    <div className="file-picker" data-over={isOver} onDragOver={over} onDragLeave={() => setIsOver(false)} onDrop={drop}>
      <input type="hidden" name={name} value={items.filter((item) => item.id).map((item) => item.id).join(";")} />
      {items.length > 0 && (
        <ul className="file-lines" aria-label={label}>
          {items.map((item) => (
            <Line key={item.key} item={item} onRemove={() => remove(item)} />
          ))}
        </ul>
      )}
      <label className="file-choose">
        <input
          ref={input}
          id={inputId}
          type="file"
          accept={pick.accept}
          multiple={pick.max_files > 1}
          aria-label={`${label}: choose a file`}
          aria-required={required || undefined}
          aria-invalid={invalid || undefined}
          aria-describedby={describedBy || undefined}
          onChange={(event) => {
            add(event.target.files);
            event.target.value = "";
          }}
        />
        <svg className="icon" aria-hidden="true">
          <use href="/icons.svg#upload" />
        </svg>
        <span>
          <strong>{pick.max_files === 1 && items.length ? "Choose another file" : "Choose a file"}</strong> or drop it here
        </span>
        <span className="file-limit">up to {sizeText(pick.max_bytes)}</span>
      </label>
      <p className="file-said" role="status" data-shown={isWaiting}>
        {said}
      </p>
    </div>
  );
}
