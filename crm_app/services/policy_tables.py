"""Tables of who may do what, which a folder's roles must agree with: a test of policies that needs no database.

A line holds a role, an object and an action; its columns say whose record it is about: the actor's `own`, that of
somebody in the same `team`, in a team `below` it, in an`other` one, or `nobody`'s; or that it is nobody's and lies in a
`territory` of theirs, or in one below (`territory_below`). They hold `yes`, `no`, or `rule` where a rule decides, and
in the columns of owners a territory. With values of the `record` (`size=5; stage=won`) rules are decided, too.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm_app.access.policy import Action
from crm_app.access.visible import AnyOf, ScopeRule, Visibility
from crm_app.access.who import Who
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.role import ACTIONS, ADMIN
from crm_app.fields.field_type import FieldValueError
from crm_app.kernel import clock
from crm_app.kernel.errors import Problem
from crm_app.rules.inputs import Inputs
from crm_app.services.live import Schema
from crm_app.services.policies import compiled

HEAD = ("role", "object", "action")
WHOSE = ("own", "team", "below", "other", "nobody")
PLACED = ("territory", "territory_below")
RECORD = "record"
ANSWERS = ("yes", "no", "rule")
_IDS = {whose: UUID(int=at) for at, whose in enumerate((*WHOSE[:4], *PLACED), 1)}
_ADMIN_LINE = ("p", ADMIN, "*", "*", "*", "all", "allow")


def table_problems(package: Package, name: str, text: str) -> Iterator[Problem]:
    """Every cell that says otherwise than the roles do, with its line."""
    path = f"policies/decisions/{name}"
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    numbers = [number for number, line in enumerate(text.splitlines(), 1) if not line.startswith("#")]
    reader = csv.DictReader(lines, skipinitialspace=True)
    columns = tuple(reader.fieldnames or ())
    if not {*HEAD, *WHOSE} <= set(columns) <= {*HEAD, *WHOSE, *PLACED, RECORD} or len(columns) > len(set(columns)):
        more = f"{', '.join(PLACED)} and {RECORD} may be there, too"
        yield Problem(f"{path}:1", f"It begins with the columns {', '.join((*HEAD, *WHOSE))}; {more}.")
        return
    answers = _Answers(package)
    for row in reader:
        at = f"{path}:{numbers[reader.line_num - 1]}"
        for message in _wrong(answers, row):
            yield Problem(at, message)


@dataclass(frozen=True)
class _Case:
    """Whose record it is, where it lies, and its values; `None` where none are given, so that no rule is decided."""

    owner: UUID | None
    place: UUID | None
    values: Mapping[str, Any] | None = None
    is_placed: bool = False


class _Answers:
    """Who may do what under the roles of a package."""

    def __init__(self, package: Package) -> None:
        lines = [_ADMIN_LINE, *(line for role in package.roles for line in role.policy_lines())]
        self._policy, self._schema = compiled(lines), Schema(0, package.live)
        self.roles = {ADMIN, "", *(role.name for role in package.roles)}
        self.objects = package.by_name

    def of(self, role: str, action: Action, name: str, values: Mapping[str, Any] | None) -> dict[str, str]:
        team = frozenset({_IDS["own"], _IDS["team"]})
        who = Who(
            _IDS["own"],
            role,
            roles=(role,) if role else (),
            team=team,
            below=frozenset({_IDS["below"]}),
            territories=frozenset({_IDS["territory"]}),
            territories_below=frozenset(_IDS[each] for each in PLACED),
        )
        reach = self._schema.verdicts(who, self._policy).reach(action, name)
        found = {whose: _answer(reach, _Case(_IDS.get(whose), None, values)) for whose in WHOSE}
        return found | {where: _answer(reach, _Case(None, _IDS[where], values, is_placed=True)) for where in PLACED}


def _wrong(answers: _Answers, row: Mapping[str, str | None]) -> Iterator[str]:
    role, name, action = (row[part] or "" for part in HEAD)
    asked = [column for column in (*WHOSE, *PLACED) if column in row]
    if role not in answers.roles:
        yield f"There is no role '{role[:50]}'."
    elif name not in answers.objects:
        yield f"There is no object '{name[:50]}'."
    elif action not in ACTIONS:
        yield f"There is no action '{action[:30]}'. Known: {', '.join(ACTIONS)}."
    elif wrong := [column for column in asked if row[column] not in ANSWERS]:
        yield f"Expected {', '.join(ANSWERS)} for {', '.join(wrong)}."
    else:
        try:
            values = _values(answers.objects[name], row.get(RECORD) or "")
        except FieldValueError as error:
            yield str(error)
            return
        found = answers.of(role, action, name, values)
        for column in asked:
            if found[column] != row[column]:
                who = role or "Nobody without a role"
                yield f"{who}, {action}, {name}, {column}: the roles say {found[column]}, the table {row[column]}."


def _values(definition: ObjectDefinition, text: str) -> Mapping[str, Any] | None:
    """`size=5; stage=won` as the fields hold it."""
    if not text.strip():
        return None
    found: dict[str, Any] = {}
    for part in text.split(";"):
        name, _, raw = (each.strip() for each in part.partition("="))
        known = definition.all_fields.get(name)
        if known is None:
            raise FieldValueError(f"There is no field '{name[:50]}' of {definition.name} in '{part.strip()[:80]}'.")
        found[name] = known.parse(raw) if raw else None
    return found


def _answer(reach: Visibility, case: _Case) -> str:
    found = {_in(part, case) for part in reach.parts}
    return "no" if "no" in found else "rule" if "rule" in found else "yes"


def _in(part: AnyOf, case: _Case) -> str:
    if case.owner is not None and case.owner in part.owners:
        return "yes"
    if case.place in part.territories or any(_holds(rule, case) for rule in part.rules):
        return "yes"
    is_open = part.rules if case.values is None else ()
    return "rule" if is_open or part.records or (part.territories and not case.is_placed) else "no"


def _holds(rule: ScopeRule, case: _Case) -> bool:
    if case.values is None:
        return False
    values = {**case.values, "owner": case.owner}
    return rule.holds(Inputs(record=values, me=_IDS["own"], now=clock.now())) is True
