"""Definitions as files: one each, canonical, so that a diff shows what changed and an apply of an export nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

from crm_app.definitions.load import BadDefinition
from crm_app.definitions.package import KINDS, Package
from crm_app.definitions.published_schemas import published, text_of
from crm_app.kernel.errors import Problem
from crm_app.services.definitions import require_may_publish
from crm_app.services.packages import read_package
from crm_app.services.unit_of_work import UnitOfWork

SCHEMAS = ".schemas"
BESIDES = ("package.json", "demo.json", "mappings")


def exported(work: UnitOfWork) -> dict[str, str]:
    """Path → text of every definition, archived ones included, and of the schemas that complete them in an editor."""
    require_may_publish(work)
    files = {
        f"{SCHEMAS}/{_schema(kind)}": text_of(model)
        for kind, model in published().items()
        if f"{kind}s" in KINDS
    }  # fmt: skip
    for kind, definition in work.schema.stored.definitions():
        body = {"$schema": f"../{SCHEMAS}/{_schema(kind.removesuffix('s'))}", **definition.canonical()}
        files[f"{kind}/{definition.name}.json"] = json.dumps(body, indent=2, ensure_ascii=False) + "\n"
    return files


def write_files(folder: Path, files: dict[str, str]) -> list[str]:
    """Replaces the definitions in the folder; those that are gone are removed. Returns what changed."""
    changed: list[str] = []
    for kind in KINDS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for file in sorted((folder / kind).glob("*.json")):
            if f"{kind}/{file.name}" not in files:
                file.unlink()
                changed.append(f"{kind}/{file.name}")
    (folder / SCHEMAS).mkdir(exist_ok=True)
    for path, text in files.items():
        file = folder / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def read_folder(folder: Path) -> Package:
    """Everything in the folder. A JSON file in a place where none is read, or one that is not called like what it
    defines, is named rather than passed over: what a folder does not hold would be archived.
    """
    if not folder.is_dir():
        raise BadDefinition(f"There is no folder {folder}.")
    problems = [*_strangers(folder)]
    package = read_package(folder)
    for kind, definition in package.definitions():
        if not (folder / kind / f"{definition.name}.json").is_file():
            problems.append(Problem(kind, f"'{definition.name}' belongs into {kind}/{definition.name}.json."))
    if not any(True for _ in package.definitions()):
        problems.append(Problem("", f"It holds no definitions. They belong into {', '.join(KINDS)}."))
    if problems:
        raise BadDefinition(f"The folder {folder} can't be read.", problems)
    return package


def _strangers(folder: Path) -> Iterator[Problem]:
    for file in sorted(folder.rglob("*.json")):
        place = file.relative_to(folder)
        is_known = place.parts[0] in (*BESIDES, *KINDS) and len(place.parts) <= 2  # noqa: PLR2004 - kind, file
        if not is_known and not any(part.startswith(".") for part in place.parts):
            yield Problem(str(place), f"is no definition. They belong into {', '.join(KINDS)}.")


def _schema(name: str) -> str:
    return f"{name}.schema.json"
