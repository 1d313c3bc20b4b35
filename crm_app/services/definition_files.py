"""Files of definitions, in folders that come from anywhere: no link is followed, and nothing foreign is replaced."""

import os
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, cast

from crm_app.definitions.load import BadDefinition
from crm_app.definitions.texts import shown
from crm_app.kernel.errors import Invalid, Problem
from crm_app.kernel.strict_json import MAX_BYTES, BadJson, loads

MAX_FILES = 10_000


class NoDefinitionFile(Invalid):
    """Something else than a plain file that can be read."""

    code = "no_definition_file"


def definition_files(folder: Path, kind: str) -> list[Path]:
    if (folder / kind).is_symlink():
        raise NoDefinitionFile(f"{folder / kind} is a link. Definitions are read from a folder of their own.")
    found = sorted(islice((folder / kind).glob("*.json"), MAX_FILES + 1))
    if len(found) > MAX_FILES:
        raise NoDefinitionFile(f"{folder / kind} holds more than {MAX_FILES:,} files.")
    return found


def read_definition(file: Path) -> bytes:
    """At most a byte more than a definition may have."""
    if file.is_symlink():
        raise NoDefinitionFile("It is a link. A definition is a file of its own.")
    if not file.is_file():
        raise NoDefinitionFile("It is no file.")
    try:
        with file.open("rb") as opened:
            found = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise NoDefinitionFile(f"It can't be read: {error.strerror}.") from error
    if len(found) > MAX_BYTES:
        raise NoDefinitionFile(f"It has more than {MAX_BYTES:,} bytes.")
    return found


def require_own(folder: Path, places: Iterable[str], paths: Sequence[str], foreign_text: Callable[[Path], str]) -> None:
    """Refuses to write where something else is: a link, or a file that holds no definition of that name.
    `foreign_text` says what is wrong with a file that is no JSON.
    """
    problems = [
        Problem(place, "is no folder of its own.")
        for place in places
        if (folder / place).is_symlink() or ((folder / place).exists() and not (folder / place).is_dir())
    ]
    if not problems:
        problems = [Problem(shown(path), found) for path in paths if (found := _foreign(folder / path, foreign_text))]
    if problems:
        raise BadDefinition(f"Nothing was written into {folder}: it holds what is not ours.", problems)


def replace_file(file: Path, text: str) -> None:
    """At once: whoever reads it meanwhile, and a crash, finds the old text or the new one."""
    beside = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _foreign(file: Path, foreign_text: Callable[[Path], str]) -> str:
    if file.is_symlink():
        return "is a link."
    if not file.exists():
        return ""
    if not file.is_file():
        return "is no file."
    if file.suffix != ".json":
        return foreign_text(file)
    try:
        found: Any = loads(read_definition(file))
    except (BadJson, NoDefinitionFile) as refusal:
        return f"is no definition: {refusal.message}"
    body = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    is_schema = file.name.endswith(".schema.json") and "$schema" in body
    return "" if is_schema or body.get("name") == file.stem else "is no definition of this name."
