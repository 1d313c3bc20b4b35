"""Folders of definitions come from anywhere: a repository, a colleague, an archive. Each refusal is a sentence, no file
outside the folder is read or written, and nothing foreign in it is lost.
"""

import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crm_app.definitions.load import BadDefinition, load_definition
from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel.errors import Invalid, TrellisError
from crm_app.kernel.strict_json import BadJson, loads
from crm_app.runtime.commands import validate
from crm_app.services.as_code import read_folder, write_files
from tests.builders import field, object_body

SECRET = "root:x:0:0"
MAX_SENTENCE = 600


def folder_of(tmp_path: Path, name: str = "deal", text: str | bytes = "") -> Path:
    """A folder with one definition, whose content may be anything."""
    (tmp_path / "objects").mkdir(parents=True, exist_ok=True)
    content = text or json.dumps(object_body("deal"))
    file = tmp_path / "objects" / f"{name}.json"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return tmp_path


def refused(folder: Path) -> str:
    """The sentences, as a terminal gets them."""
    with pytest.raises(TrellisError) as refusal:
        read_folder(folder)
    told = str(refusal.value)
    assert all(char.isprintable() or char == "\n" for char in told), ascii(told)
    assert all(len(line) <= MAX_SENTENCE for line in told.splitlines())
    told.encode()
    return told


HUGE_KEY = "k" * 5_000
CONTENTS: dict[str, str | bytes] = {
    "10,000 deep": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "a deep list": "[" * 100_000,
    "deep in a config": json.dumps(object_body("deal", field("x", config={"a": json.loads("[" * 200 + "]" * 200)}))),
    "a key twice": '{"name": "deal", "name": "deal"}',
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(object_body("deal")).encode(),
    "UTF-16": json.dumps(object_body("deal")).encode("utf-16"),
    "Latin-1": json.dumps(object_body("deal", label="Vertr\u00e4ge"), ensure_ascii=False).encode("latin-1"),
    "NUL": "\x00",
    "nothing": " ",
    "NaN": '{"format_version": NaN}',
    "1e999": '{"format_version": 1e999}',
    "-1e999": '{"format_version": -1e999}',
    "a very long number": '{"format_version": %s}' % ("9" * 5_000),
    "no object": '["deal"]',
    "a text": '"deal"',
    "more than a megabyte": json.dumps(object_body("deal", description="a" * 1_000_001)),
    "an unknown format": json.dumps({**object_body("deal"), "format_version": 9**99}),
    "a format that is text": json.dumps({**object_body("deal"), "format_version": "2; DROP TABLE"}),
    "unfinished": '{"name": "deal"',
    "two documents": "{}{}",
    "a key that is very long": json.dumps({**object_body("deal"), HUGE_KEY: 1}),
    "a key that erases the screen": json.dumps({**object_body("deal"), "\x1b[2J": 1}),
    "a broken key": '{"\\ud800": 1}',
    "a config key that erases the screen": json.dumps(object_body("deal", field("x", config={"\x1b[2J": {"\x07": 1}}))),
    "a reference to a file": json.dumps({"$ref": "file:///etc/passwd", **object_body("deal")}),
    "a definition of itself": json.dumps({"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}),
}


@pytest.mark.parametrize("content", list(CONTENTS.values()), ids=list(CONTENTS))
def test_a_hostile_file_is_refused_with_a_sentence(tmp_path: Path, content: str | bytes) -> None:
    started = time.monotonic()
    assert refused(folder_of(tmp_path, text=content))
    assert time.monotonic() - started < 5


NAMES = {
    "a path": "../../etc/passwd",
    "a root": "/etc/passwd",
    "another case": "Deal",
    "SQL": 'deal"; DROP SCHEMA crm CASCADE; --',
    "a line more": "deal\n",
    "letters of another alphabet": "de\u0430l",
    "a mark that turns the line": "de\u202eal",
    "nothing to see": "de\u200bal",
    "too long": "d" * 56,
    "empty": "",
    "a number": "1deal",
    "NUL": "deal\x00",
}


@pytest.mark.parametrize("name", list(NAMES.values()), ids=list(NAMES))
@pytest.mark.parametrize("place", ["object", "field", "table", "column", "former", "option"])
def test_11_names_that_lead_elsewhere_are_refused_everywhere(tmp_path: Path, name: str, place: str) -> None:
    """hardening.md 3 and 11: what becomes an identifier or a file name has letters, digits and underscores only."""
    body = object_body("deal", field("size"))
    match place:
        case "object":
            body["name"] = name
        case "field":
            body["fields"][1]["name"] = name
        case "table":
            body["table"] = name or "-"
        case "column":
            body["fields"][1]["column"] = name or "-"
        case "former":
            body["former_names"] = [name]
        case _:
            body["fields"][1] |= {"type": "select", "config": {"options": [{"name": name, "label": "x"}]}}
    assert refused(folder_of(tmp_path, text=json.dumps(body)))


LABELS = [
    "a\x1b[31mb",
    "a\nb",
    "a\tb",
    "\u202egpj.exe",
    "a\u2066b",
    "a\u2028b",
    "\x00",
    "\x9b",
    "a" * 101,
    "",
    "\ufeffa",
]


@pytest.mark.parametrize("label", LABELS, ids=[ascii(label)[:12] for label in LABELS])
def test_a_label_is_one_line_that_reads_as_it_is_written(tmp_path: Path, label: str) -> None:
    for body in (object_body("deal", label=label), object_body("deal", field("size", label=label))):
        body["fields"][-1]["label"] = label
        assert refused(folder_of(tmp_path, text=json.dumps(body)))


def test_labels_in_any_language_are_taken(tmp_path: Path) -> None:
    for label in ("Verträge", "عقود", "取引", "\u200fعقود", "👩\u200d🚀", "a" * 100):
        text = json.dumps(object_body("deal", label=label), ensure_ascii=False)
        assert read_folder(folder_of(tmp_path, text=text)).objects[0].label == label


@pytest.mark.parametrize("text", ["\ud800", "a\x00", "\x1b[2J", "\x07"], ids=ascii)
def test_texts_that_no_database_or_terminal_takes_are_refused_wherever_they_are(tmp_path: Path, text: str) -> None:
    check = {"when": "true", "message": text}
    bodies = [
        object_body("deal", description=text),
        object_body("deal", field("size", help=text)),
        object_body("deal", field("size", default=text)),
        object_body("deal", validation_rules=[check]),
        object_body("deal", field("size", config={"max_length": text})),
    ]
    for body in bodies:
        assert refused(folder_of(tmp_path, text=json.dumps(body)))


def test_a_definition_that_holds_itself_is_a_clean_error() -> None:
    body = object_body("deal")
    body["fields"].append(body)
    with pytest.raises(BadDefinition, match="nested deeper"):
        load_definition(ObjectDefinition, body)


def test_the_validator_opens_no_file_and_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """hardening.md, definition and package JSON: every way out is watched while hostile references are validated."""
    load_definition(ObjectDefinition, object_body("deal"))
    tried: list[str] = []

    def watched(what: str) -> Callable[..., Any]:
        def refuse(*_arguments: Any, **_more: Any) -> Any:
            tried.append(what)
            raise AssertionError(what)

        return refuse

    for place, name in ((socket.socket, "connect"), (socket, "getaddrinfo"), (os, "open"), (Path, "open")):
        monkeypatch.setattr(place, name, watched(name))
    monkeypatch.setattr("builtins.open", watched("open"))
    monkeypatch.setattr("urllib.request.urlopen", watched("urlopen"))
    for reference in (
        "file:///etc/passwd",
        "http://127.0.0.1:9/x",
        "https://example.com/schema.json",
        "../x.json",
        "#",
    ):
        for key in ("$ref", "$dynamicRef", "$id", "$schema", "$recursiveRef"):
            body: dict[str, Any] = {**object_body("deal"), key: reference}
            body["fields"] = [*body["fields"], {**field("size"), key: reference}]
            with pytest.raises(BadDefinition):
                load_definition(ObjectDefinition, body)
    assert tried == []


def test_links_are_not_followed_to_read(tmp_path: Path) -> None:
    elsewhere = folder_of(tmp_path / "elsewhere") / "objects"
    (tmp_path / "secret").write_text(SECRET)
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "objects").symlink_to(elsewhere)
    assert "is a link" in refused(folder)
    (folder / "objects").unlink()
    folder_of(folder)
    (folder / "objects" / "secret.json").symlink_to(tmp_path / "secret")
    told = refused(folder)
    assert "is a link" in told
    assert SECRET not in told


def test_what_is_no_file_is_named_and_waited_for_by_nobody(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    os.mkfifo(folder / "objects" / "pipe.json")
    (folder / "objects" / "folder.json").mkdir()
    told = refused(folder)
    assert "objects/pipe.json: It is no file." in told
    assert "objects/folder.json: It is no file." in told


def test_a_definition_in_two_files_is_named(tmp_path: Path) -> None:
    folder = folder_of(folder_of(tmp_path), "deal2")
    assert "'deal' is defined in 2 files" in refused(folder)


def test_names_that_differ_only_in_case_are_not_two(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "Deal", json.dumps(object_body("Deal")))
    folder_of(folder)
    assert "objects/Deal.json/name" in refused(folder)
    (folder / "objects" / "Deal.json").write_text(json.dumps(object_body("deal")))
    assert "'deal' is defined in 2 files" in refused(folder)


def test_the_command_ends_with_the_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(validate.command, [str(folder_of(tmp_path, text='{"name": 1e999}'))])
    assert isinstance(result.exception, BadDefinition)
    assert "The number 1e999 is too large." in str(result.exception)


FILES = {"objects/deal.json": json.dumps(object_body("deal"))}


def refuses_to_write(folder: Path, reason: str) -> None:
    def content() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in folder.parent.rglob("*") if path.is_file()}

    before = content()
    with pytest.raises(Invalid) as refusal:
        write_files(folder, FILES)
    assert reason in str(refusal.value)
    assert content() == before


def test_export_writes_through_no_link(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    profile.write_text("export PATH")
    folder = tmp_path / "out"
    (folder / "objects").mkdir(parents=True)
    (folder / "objects" / "deal.json").symlink_to(profile)
    refuses_to_write(folder, "objects/deal.json: is a link.")
    (folder / "objects" / "deal.json").unlink()
    (folder / "objects").rmdir()
    (tmp_path / "elsewhere").mkdir()
    (folder / "objects").symlink_to(tmp_path / "elsewhere")
    refuses_to_write(folder, "is a link")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("objects/deal.json", "my notes"),
        ("objects/deal.json", '{"name": "somebody", "label": "Else"}'),
        ("objects/package.json", '{"name": "a-web-app", "version": "1.0.0"}'),
        ("views/tsconfig.json", "[]"),
        ("policies", "a file where a folder belongs"),
        ("policies/mine.csv", "date,amount\n2026-01-01,5\n"),
        ("policies/rep.csv", "role, boss, Boss\n"),
    ],
)
def test_export_loses_nothing_foreign(tmp_path: Path, path: str, content: str) -> None:
    file = tmp_path / "out" / path
    file.parent.mkdir(parents=True)
    file.write_text(content)
    refuses_to_write(tmp_path / "out", path)


def test_export_replaces_its_own_and_keeps_what_is_beside(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "gone", json.dumps(object_body("gone")))
    (folder / "README.md").write_text("Ours.")
    assert write_files(folder, FILES) == ["objects/gone.json", "objects/deal.json"]
    assert write_files(folder, FILES) == []
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["README.md", "deal.json"]


def test_a_crash_while_exporting_leaves_old_or_new_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path
    write_files(folder, FILES)

    def crash(*_arguments: Any) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", crash)
        with pytest.raises(OSError, match="the disk is gone"):
            write_files(folder, {"objects/deal.json": json.dumps(object_body("deal", label="New"))})
    assert json.loads((folder / "objects" / "deal.json").read_text())["label"] == "Deal"
    assert [path.name for path in (folder / "objects").iterdir()] == ["deal.json"]


def test_a_key_that_appears_twice_is_found_without_much_work() -> None:
    keys = ",".join(f'"k{index}":0' for index in range(70_000))
    started = time.monotonic()
    with pytest.raises(BadJson, match="twice"):
        loads(f'{{{keys},"k69999":1}}')
    assert time.monotonic() - started < 3
