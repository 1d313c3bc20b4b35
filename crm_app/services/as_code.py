"""Definitions as files: one each, canonical, so that a diff shows what changed and an apply of an export nothing."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from crm_app.definitions.load import BadDefinition
from crm_app.definitions.package import KINDS, Package
from crm_app.definitions.published_schemas import file_of, published
from crm_app.definitions.texts import shown
from crm_app.kernel.errors import Problem
from crm_app.services.definition_files import MAX_FILES, definition_files, replace_file, require_own
from crm_app.services.definitions import require_may_publish
from crm_app.services.packages import read_package
from crm_app.services.policy_files import FOLDER as POLICIES_FOLDER
from crm_app.services.policy_files import foreign, policy_files, policy_problems, read_policies, role_paths
from crm_app.services.territory_files import FOLDER as TERRITORIES_FOLDER
from crm_app.services.territory_files import TREE, is_tree, territory_files
from crm_app.services.unit_of_work import UnitOfWork

SCHEMAS = ".schemas"
BESIDES = ("package.json", "demo.json", "mappings")
AS_TEXT = "roles"


def exported(work: UnitOfWork) -> dict[str, str]:
    """Path → text of every definition, archived ones included, and of the schemas that complete them in an editor.
    Roles are lines of text.
    """
    require_may_publish(work)
    files = {
        f"{SCHEMAS}/{_schema(kind)}": file_of(kind).read_text(encoding="utf-8")
        for kind in published()
        if f"{kind}s" in KINDS
    }  # fmt: skip
    files |= {**policy_files(work.schema.stored), **territory_files(work)}
    for kind, definition in work.schema.stored.definitions():
        if kind == AS_TEXT:
            continue
        body = {"$schema": f"../{SCHEMAS}/{_schema(kind.removesuffix('s'))}", **definition.canonical()}
        files[f"{kind}/{definition.name}.json"] = json.dumps(body, indent=2, ensure_ascii=False) + "\n"
    return files


def write_files(folder: Path, files: dict[str, str]) -> list[str]:
    """Replaces the definitions in the folder; those that are gone are removed. Returns what changed. What is no
    definition is neither overwritten nor removed: then nothing is written at all.
    """
    found = {f"{kind}/{file.name}" for kind in KINDS for file in definition_files(folder, kind)}
    found |= {f"{POLICIES_FOLDER}/{file.name}" for file in role_paths(folder)}
    found |= {TREE} if (folder / TREE).exists() else set()
    gone, places = found - files.keys(), [*(kind for kind in KINDS if kind != AS_TEXT), POLICIES_FOLDER, SCHEMAS]
    places += [TERRITORIES_FOLDER] if TREE in {*files, *found} else []
    require_own(folder, places, sorted({*files, *gone}), _foreign)
    for place in places:
        (folder / place).mkdir(parents=True, exist_ok=True)
    changed = sorted(gone)
    for path in changed:
        (folder / path).unlink()
    for path, text in files.items():
        file = folder / path
        if not file.is_file() or file.read_bytes() != text.encode():
            replace_file(file, text)
            changed.append(path)
    return changed


def read_folder(folder: Path) -> Package:
    """Everything in the folder. A JSON file in a place where none is read, or one that is not called like what it
    defines, is named rather than passed over: what a folder does not hold would be archived.
    """
    if not folder.is_dir():
        raise BadDefinition(f"There is no folder {folder}.")
    problems = [*_strangers(folder)]
    bodies = read_package(folder)
    policies = read_policies(folder, bodies)
    package = policies.package
    problems += policies.problems
    counts = Counter((kind, definition.name) for kind, definition in package.definitions())
    for (kind, name), count in counts.items():
        if count > 1:
            problems.append(Problem(kind, f"'{name}' is defined in {count} files."))
        elif name in {each.name for each in getattr(bodies, kind)} and not (folder / kind / f"{name}.json").is_file():
            problems.append(Problem(kind, f"'{name}' belongs into {kind}/{name}.json."))
    if not counts:
        problems.append(Problem("", f"It holds no definitions. They belong into {', '.join(KINDS)}."))
    if problems := problems or policy_problems(folder, policies):
        raise BadDefinition(f"The folder {folder} can't be read.", problems)
    return package


def _foreign(file: Path) -> str:
    if file.parent.name == Path(TERRITORIES_FOLDER).name:
        return "" if is_tree(file) else "is no list of territories."
    return foreign(file)


def _strangers(folder: Path) -> Iterator[Problem]:
    for file in sorted(islice(folder.rglob("*.json"), MAX_FILES)):
        place = file.relative_to(folder)
        is_known = place.parts[0] in (*BESIDES, *KINDS) and len(place.parts) <= 2  # noqa: PLR2004 - kind, file
        if not is_known and not any(part.startswith(".") for part in place.parts):
            yield Problem(shown(str(place)), f"is no definition. They belong into {', '.join(KINDS)}.")


def _schema(name: str) -> str:
    return f"{name}.schema.json"
