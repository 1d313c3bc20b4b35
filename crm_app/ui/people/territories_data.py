"""What the page of territories shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from crm_app.automation.tree_edits import walk
from crm_app.services.record_query import Condition
from crm_app.services.territories import (
    Territory,
    in_order,
    placing_objects,
    records_in,
    save_territory,
    set_members,
    territories,
)
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.users import list_users
from crm_app.ui.address import list_path
from crm_app.ui.designer.addresses import designer_path
from crm_app.ui.people.people_data import Picking, known_id, optional_id, picking, ticked
from crm_app.ui.records.list_address import ListAddress

_STEP_PIXELS = 20
_DEEPEST = 8
# A list of choices swallows plain spaces.
_INSET = "\N{NO-BREAK SPACE}" * 3


_IN_TURN = "in turn"
_WAYS = {"least_open": "to whoever has the fewest"}


class Lying(TypedDict):
    """`text` says how many records of one object."""

    text: str
    href: str


class TerritoryLine(TypedDict):
    id: str
    name: str
    indent: str
    members: str
    records: list[Lying]


class HandingOut(TypedDict):
    """A workflow, and how it chooses among those who look after a territory."""

    label: str
    how: str
    href: str


@dataclass(frozen=True)
class TerritoriesData:
    """`placing` says by which fields records lie in territories; empty where none do, `handing` which workflows
    give records to who looks after their territory.
    """

    lines: list[TerritoryLine]
    placing: str
    handing: list[HandingOut]
    chosen: str
    name: str
    parent: Picking
    members: Picking


def territories_data(work: UnitOfWork, chosen: UUID | None = None) -> TerritoriesData:
    counts, people = records_in(work), list_users(work)
    found = territories(work)
    names = {each.id: each.name for each in people}
    one = next((each for each in found if each.id == chosen), None)
    members = one.members if one else ()
    others = [(str(each.id), f"{_INSET * depth}{each.name}") for each, depth in in_order(found) if each.id != chosen]
    active = [(str(each.id), each.name) for each in people if each.state != "deactivated" or each.id in members]
    return TerritoriesData(
        [_line(work, each, depth, names, counts.get(each.id, {})) for each, depth in in_order(found)],
        _placing(work),
        _handing_out(work),
        str(chosen or ""),
        one.name if one else "",
        picking("territory", "parent", "Part of", others, [str(one.parent)] if one and one.parent else []),
        picking("territory", "member", "Looked after by", active, [str(member) for member in members]),
    )


def saved(chosen: str, form: Mapping[str, Any]) -> Callable[[UnitOfWork], TerritoriesData]:
    def taken(work: UnitOfWork) -> TerritoriesData:
        parent, name = optional_id(form.get("parent")), str(form.get("name", ""))
        territory = save_territory(work, name, parent, optional_id(chosen))
        set_members(work, territory, {known_id(member) for member in ticked(form, "member")})
        return territories_data(work)

    return taken


def _line(
    work: UnitOfWork, each: Territory, depth: int, people: Mapping[UUID, str], counts: Mapping[str, int]
) -> TerritoryLine:
    return TerritoryLine(
        id=str(each.id),
        name=each.name,
        indent=f"{min(depth, _DEEPEST) * _STEP_PIXELS}px",
        members=", ".join(sorted(people[member] for member in each.members if member in people)),
        records=[_lying(work, name, count, each.id) for name, count in counts.items()],
    )


def _lying(work: UnitOfWork, name: str, count: int, territory: UUID) -> Lying:
    definition = work.definition(name)
    here = ListAddress(conditions=(Condition(definition.access.territory, "eq", str(territory)),))
    said = (definition.label if count == 1 else definition.plural).lower()
    return Lying(text=f"{count:,} {said}", href=list_path(name) + here.query())


def _handing_out(work: UnitOfWork) -> list[HandingOut]:
    return [
        HandingOut(label=each.label, how=_WAYS.get(found.step.get("by", ""), _IN_TURN), href=designer_path(each.name))
        for each in sorted(work.catalog.automations, key=lambda known: known.label.casefold())
        if each.is_active
        for found in walk(each.canonical())
        if found.step.get("type") == "assign" and found.step.get("territory")
    ]


def _placing(work: UnitOfWork) -> str:
    said = [f"{each.plural} by {each.all_fields[each.access.territory].label}" for each in placing_objects(work)]
    return ", ".join(said)
