"""Policy lines that say nothing any more: a rule that can't be read, a scope or an effect that nobody knows, an object
or a field that is gone. They reach nothing, so nobody gains by them; whoever is missing something finds them here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from crm_app.access.policy import ALLOW, ANY, RESTRICT
from crm_app.definitions.role import ACTIONS, RULE, SCOPES
from crm_app.rules.errors import RuleError
from crm_app.services.access_words import role_words
from crm_app.services.in_person import require_administrator
from crm_app.services.policies import Line, stored_lines
from crm_app.services.unit_of_work import UnitOfWork

_EFFECTS = (ALLOW, RESTRICT, "deny")
_LEVELS = ("none", "mask", "read")


@dataclass(frozen=True)
class BrokenLine:
    """`sentence` says which line of whose role, and what is wrong with it."""

    role: str
    sentence: str


def broken_lines(work: UnitOfWork) -> list[BrokenLine]:
    """By role; those about archived objects wait for them."""
    require_administrator(work, "look at policies")
    found: list[BrokenLine] = []
    for kind, *parts in stored_lines(work.connection):
        if kind == "p":
            line = tuple(parts)
            found += [BrokenLine(line[0], _sentence(work, line, wrong)) for wrong in _wrong(work, line)]
    return sorted(found, key=lambda each: (each.role, each.sentence))


def _wrong(work: UnitOfWork, line: Line) -> Iterator[str]:
    _role, name, field, action, scope, effect = line
    known = {ANY, *work.catalog.by_name, *(each.name for each in work.schema.stored.objects)}
    if name not in known:
        yield f"there is no object '{name}'"
        return
    if field != ANY:
        yield from _wrong_level(work, name, field, action)
        return
    if action not in (ANY, *ACTIONS):
        yield f"'{action}' is no action"
    if effect not in _EFFECTS:
        yield f"'{effect}' is no effect"
    if scope.startswith(RULE):
        yield from _wrong_rule(work, name, scope.removeprefix(RULE))
    elif scope not in SCOPES:
        yield f"'{scope}' is no scope"


def _wrong_level(work: UnitOfWork, name: str, field: str, level: str) -> Iterator[str]:
    known = work.catalog.by_name.get(name)
    if known is not None and field not in known.all_fields:
        yield f"there is no field '{field}'"
    if level not in _LEVELS:
        yield f"'{level}' is no level of a field"


def _wrong_rule(work: UnitOfWork, name: str, text: str) -> Iterator[str]:
    if name not in work.catalog.by_name:
        return
    try:
        work.schema.rules.of(name, text)
    except RuleError as error:
        yield f"its rule '{text[:200]}' can't be read: {error}"


def _sentence(work: UnitOfWork, line: Line, wrong: str) -> str:
    role, name, field, action, _scope, effect = line
    what = f"{name}.{field}" if field != ANY else name
    loses = "nothing is left of what it restricts" if effect == RESTRICT else "it reaches nothing"
    return f"Role {role_words(work, role)}, {action} {what}: {wrong.rstrip('.')}, so {loses}."
