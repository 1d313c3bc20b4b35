"""Policies as files: a role each, Casbin's model beside them, and tables of who may do what that must hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from crm_app.definitions.package import Package
from crm_app.definitions.policy_text import ANY, PolicyLine, RoleText, read_role_text, role_text
from crm_app.definitions.role import RULE
from crm_app.definitions.texts import shown
from crm_app.kernel.errors import Invalid, Problem
from crm_app.rules.errors import RuleError
from crm_app.services.definition_files import MAX_FILES, NoDefinitionFile, read_definition
from crm_app.services.live import POLICIES, Schema
from crm_app.services.policy_tables import table_problems
from crm_app.services.rulebook import Rulebook

FOLDER = "policies"
MODEL = f"{FOLDER}/model.conf"
TABLES = f"{FOLDER}/decisions"


def policy_files(package: Package) -> dict[str, str]:
    """Path → text: every role, archived ones included, and the vocabulary that all lines are written in."""
    roles = {f"{FOLDER}/{role.name}.csv": role_text(role) for role in package.roles}
    return {MODEL: (POLICIES / "model.conf").read_text(), **roles}


def role_paths(folder: Path) -> list[Path]:
    if (folder / FOLDER).is_symlink():
        raise NoDefinitionFile(f"{folder / FOLDER} is a link. Policies are read from a folder of their own.")
    return sorted(islice((folder / FOLDER).glob("*.csv"), MAX_FILES))


@dataclass(frozen=True)
class Read:
    """`package` is what the folder defines with the roles that stand there as text, `problems` what can't be read."""

    package: Package
    texts: Sequence[RoleText]
    problems: Sequence[Problem]


def read_policies(folder: Path, package: Package) -> Read:
    texts: list[RoleText] = []
    problems = [*_wrong_model(folder)]
    known = {role.name for role in package.roles}
    for file in role_paths(folder):
        path = f"{FOLDER}/{file.name}"
        try:
            texts.append(found := read_role_text(_text(file), path))
        except Invalid as refusal:
            problems += refusal.problems or [Problem(path, refusal.message)]
            continue
        if found.role.name != file.stem:
            problems.append(Problem(f"{path}:1", f"'{found.role.name}' belongs into {FOLDER}/{found.role.name}.csv."))
        if found.role.name in known:
            said = f"'{found.role.name}' is defined in roles/{found.role.name}.json, too. Keep one of the two."
            problems.append(Problem(path, said))
    whole = package.with_kind("roles", [*package.roles, *(text.role for text in texts)])
    return Read(whole, texts, problems)


def policy_problems(folder: Path, read: Read) -> list[Problem]:
    """Every line that names what there isn't, and every cell of a table that says otherwise than the roles do."""
    # What is worked out of a definition is kept in it, and what is compared later must not hold itself.
    package = read.package.model_copy(deep=True)
    problems = [problem for text in read.texts for problem in _wrong_lines(package, text)]
    if problems:
        return problems
    return [problem for file in _tables(folder) for problem in table_problems(package, file.name, _text(file))]


def foreign(file: Path) -> str:
    """Why a file in the place of a policy is not ours to replace."""
    try:
        text = _text(file)
        if file.suffix == ".conf":
            return "" if "[request_definition]" in text else "is no model of policies."
        return "" if read_role_text(text, file.name).role.name == file.stem else "is no policy of this role."
    except Invalid as refusal:
        return f"is no policy: {refusal.message}"


def _text(file: Path) -> str:
    try:
        return read_definition(file).decode()
    except UnicodeDecodeError as error:
        raise NoDefinitionFile("It is not written in UTF-8.") from error


def _wrong_model(folder: Path) -> Iterator[Problem]:
    file = folder / MODEL
    if file.exists() and _text(file).split() != (POLICIES / "model.conf").read_text().split():
        yield Problem(MODEL, "is not the product's. It says how lines are read, and changes with the product only.")


def _tables(folder: Path) -> list[Path]:
    return sorted(islice((folder / TABLES).glob("*.csv"), MAX_FILES))


def _wrong_lines(package: Package, text: RoleText) -> Iterator[Problem]:
    rules = Schema(0, package.live).rules
    path = f"{FOLDER}/{text.role.name}.csv"
    for line in text.lines:
        yield from (Problem(f"{path}:{line.number}", message) for message in _wrong(package, rules, line))


def _wrong(package: Package, rules: Rulebook, line: PolicyLine) -> Iterator[str]:
    name, field, scope = line.parts[2], line.parts[3], line.parts[5]
    definition = package.by_name.get(name)
    if name != ANY and definition is None:
        known = shown(", ".join(sorted(each.name for each in package.objects)), 200)
        yield f"There is no object '{name[:50]}'. Known: {known}."
    elif field != ANY and (definition is None or field not in definition.all_fields):
        yield f"There is no field '{name}.{field[:50]}'."
    elif scope.startswith(RULE) and definition is not None and not definition.archived:
        try:
            rules.of(name, scope.removeprefix(RULE))
        except RuleError as error:
            yield str(error)
