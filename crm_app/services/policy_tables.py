"""Tables of who may do what, which a folder's roles must agree with: a test of policies that needs no database.

A line holds a role, an object and an action; its columns say whose record it is about: the actor's `own`, that of
somebody in the same `team`, in a team `below` it, in an`other` one, or `nobody`'s. They hold `yes`, `no`, or `rule`
where a rule, a territory or a share decides.
"""

import csv
from collections.abc import Iterator, Mapping
from uuid import UUID

from crm_app.access.policy import Action
from crm_app.access.visible import AnyOf, Visibility
from crm_app.access.who import Who
from crm_app.definitions.package import Package
from crm_app.definitions.role import ACTIONS, ADMIN
from crm_app.kernel.errors import Problem
from crm_app.services.live import Schema
from crm_app.services.policies import compiled

HEAD = ("role", "object", "action")
WHOSE = ("own", "team", "below", "other", "nobody")
ANSWERS = ("yes", "no", "rule")
_IDS = {whose: UUID(int=at) for at, whose in enumerate(WHOSE[:4], 1)}
_ADMIN_LINE = ("p", ADMIN, "*", "*", "*", "all", "allow")


def table_problems(package: Package, name: str, text: str) -> Iterator[Problem]:
    """Every cell that says otherwise than the roles do, with its line."""
    path = f"policies/decisions/{name}"
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    numbers = [number for number, line in enumerate(text.splitlines(), 1) if not line.startswith("#")]
    reader = csv.DictReader(lines, skipinitialspace=True)
    if tuple(reader.fieldnames or ()) != (*HEAD, *WHOSE):
        yield Problem(f"{path}:1", f"It begins with the columns {', '.join((*HEAD, *WHOSE))}.")
        return
    answers = _Answers(package)
    for row in reader:
        at = f"{path}:{numbers[reader.line_num - 1]}"
        for message in _wrong(answers, row):
            yield Problem(at, message)


class _Answers:
    """Who may do what under the roles of a package."""

    def __init__(self, package: Package) -> None:
        lines = [_ADMIN_LINE, *(line for role in package.roles for line in role.policy_lines())]
        self._policy, self._schema = compiled(lines), Schema(0, package.live)
        self.roles = {ADMIN, "", *(role.name for role in package.roles)}
        self.objects = package.by_name

    def of(self, role: str, action: Action, name: str) -> dict[str, str]:
        team = frozenset({_IDS["own"], _IDS["team"]})
        who = Who(_IDS["own"], role, roles=(role,) if role else (), team=team, below=frozenset({_IDS["below"]}))
        reach = self._schema.verdicts(who, self._policy).reach(action, name)
        return {whose: _answer(reach, _IDS.get(whose)) for whose in WHOSE}


def _wrong(answers: _Answers, row: Mapping[str, str | None]) -> Iterator[str]:
    role, name, action = (row[part] or "" for part in HEAD)
    if role not in answers.roles:
        yield f"There is no role '{role[:50]}'."
    elif name not in answers.objects:
        yield f"There is no object '{name[:50]}'."
    elif action not in ACTIONS:
        yield f"There is no action '{action[:30]}'. Known: {', '.join(ACTIONS)}."
    elif wrong := [whose for whose in WHOSE if row[whose] not in ANSWERS]:
        yield f"Expected {', '.join(ANSWERS)} for {', '.join(wrong)}."
    else:
        found = answers.of(role, action, name)
        for whose in WHOSE:
            if found[whose] != row[whose]:
                who = role or "Nobody without a role"
                yield f"{who}, {action}, {name}, {whose}: the roles say {found[whose]}, the table {row[whose]}."


def _answer(reach: Visibility, owner: UUID | None) -> str:
    found = {_in(part, owner) for part in reach.parts}
    return "no" if "no" in found else "rule" if "rule" in found else "yes"


def _in(part: AnyOf, owner: UUID | None) -> str:
    if owner is not None and owner in part.owners:
        return "yes"
    return "rule" if part.rules or part.territories or part.records else "no"
