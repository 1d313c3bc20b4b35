"""A role as a matrix: what it says of each action on each object, and what comes from elsewhere."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypedDict

from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.role import RULE, Action, Grant, RoleDefinition
from crm_app.definitions.role_edits import NEVER
from crm_app.services.policies import effective_scopes
from crm_app.services.roles import Role
from crm_app.services.unit_of_work import UnitOfWork

EVERY = "*"
Granted = Callable[[str], Mapping[str, Collection[str]]]
COLUMNS: tuple[tuple[Action, str], ...] = (
    ("read", "Read"),
    ("create", "Create"),
    ("edit", "Edit"),
    ("delete", "Delete"),
    ("transfer", "Transfer"),
    ("share", "Share"),
    ("bulk", "Bulk"),
    ("export", "Export"),
    ("import", "Import"),
)
SCOPE_WORDS = {
    "own": "Own",
    "team": "Team",
    "team_below": "Team and below",
    "territory": "Territory",
    "territory_below": "Territory and below",
    "all": "All",
}


class MatrixChoice(TypedDict):
    value: str
    label: str


class MatrixCell(TypedDict):
    """`own` is what the role itself says and `was` what is live; `other` what comes from elsewhere besides. `rules`
    counts rules and restrictions. With `is_void` a role that it inherits, or a line for all objects, forbids it.
    """

    own: str
    was: str
    other: str
    rules: int
    is_void: bool


class MatrixLine(TypedDict):
    """`fields` says how many fields are lowered. `is_placed`: its records belong to territories."""

    name: str
    label: str
    fields: str
    is_placed: bool
    cells: list[MatrixCell]


def columns() -> list[MatrixChoice]:
    return [MatrixChoice(value=value, label=label) for value, label in COLUMNS]


def scopes() -> list[MatrixChoice]:
    return [
        *(MatrixChoice(value=value, label=label) for value, label in SCOPE_WORDS.items()),
        MatrixChoice(value=NEVER, label="Never"),
    ]


def matrix(work: UnitOfWork, role: Role) -> list[MatrixLine]:
    """All objects first, then each by its label."""
    granted = effective_scopes(work, role.now)
    objects = sorted(work.catalog.objects, key=lambda each: each.plural.casefold())
    every = MatrixLine(name=EVERY, label="All objects", fields="", is_placed=False, cells=_cells(granted, role, EVERY))
    return [every, *(_line(granted, role, each) for each in objects)]


def _line(granted: Granted, role: Role, definition: ObjectDefinition) -> MatrixLine:
    lowered = sum(level.object == definition.name for level in role.now.field_levels)
    return MatrixLine(
        name=definition.name,
        label=definition.plural,
        fields="" if not lowered else "1 field lowered" if lowered == 1 else f"{lowered} fields lowered",
        is_placed=bool(definition.access.territory),
        cells=_cells(granted, role, definition.name),
    )


def _cells(granted: Granted, role: Role, name: str) -> list[MatrixCell]:
    scopes = granted(name)
    return [_cell(role, name, action, scopes.get(action, ())) for action, _ in COLUMNS]


def _cell(role: Role, name: str, action: str, effective: Collection[str]) -> MatrixCell:
    now = _said(role.now, name, action)
    own = _word(now)
    others = sorted({scope for scope in effective if not scope.startswith(RULE)} - {own}, key=list(SCOPE_WORDS).index)
    return MatrixCell(
        own=own,
        was=_word(_said(role.was, name, action)) if role.was else "",
        other=", ".join(SCOPE_WORDS[scope] for scope in others),
        rules=sum(_is_condition(grant) for grant in now),
        is_void=own not in ("", NEVER) and not effective,
    )


def _said(role: RoleDefinition, name: str, action: str) -> list[Grant]:
    return [
        grant
        for grant in role.grants
        if name in grant.objects and (action in grant.actions or EVERY in grant.actions)
    ]  # fmt: skip


def _word(grants: Iterable[Grant]) -> str:
    """The widest of the scopes, where the role's file says several."""
    words = [NEVER if grant.effect == "deny" else grant.scope for grant in grants if not _is_condition(grant)]
    return NEVER if NEVER in words else max(words, key=list(SCOPE_WORDS).index, default="")


def _is_condition(grant: Grant) -> bool:
    return grant.effect == "restrict" or grant.scope.startswith(RULE)
