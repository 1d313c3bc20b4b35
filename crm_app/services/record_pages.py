"""How the page or form of one record is arranged for this actor, and the states of its fields: what pages are made of
besides values. The rules read the whole record; only what they decide leaves this place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_app.definitions.layout import Layout
from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.field_states import FieldStates, closed_fields, states_of, states_while_typing, watched_fields
from crm_app.services.layouts import Arrangement, PlacedSection, arranged, layout_for
from crm_app.services.record_checks import with_defaults
from crm_app.services.record_rules import RecordRules
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.values import parsed_values


@dataclass(frozen=True)
class RecordPlan:
    """`watched` are the fields whose change may change a state; `initial` is what a new record begins with."""

    arrangement: Arrangement
    states: FieldStates
    watched: frozenset[str]
    initial: Mapping[str, Any]


def plan_of_record(work: UnitOfWork, ref: RecordRef) -> RecordPlan:
    rules = RecordRules(work, work.definition(ref.object))
    return _plan(work, rules, _stored(work, ref), ref)


def plan_of_new(work: UnitOfWork, name: str, given: Mapping[str, Any]) -> RecordPlan:
    """`given` is raw; what doesn't fit is left out."""
    rules = RecordRules(work, work.definition(name))
    return _plan(work, rules, _initial(work, rules, given), None)


def states_of_draft(
    work: UnitOfWork, name: str, layout: str, raw: Mapping[str, Any], ref: RecordRef | None
) -> FieldStates:
    """While somebody fills in a form that was arranged by that layout. What doesn't parse counts as not typed."""
    return _typed(work, name, layout, raw, ref)[1]


def open_values(
    work: UnitOfWork, name: str, layout: str, raw: Mapping[str, Any], ref: RecordRef | None
) -> dict[str, Any]:
    """What such a form saves: nothing of what is hidden or read-only by then, whatever was typed there before."""
    sections, states = _typed(work, name, layout, raw, ref)
    closed = closed_fields(sections, states)
    return {field: value for field, value in raw.items() if field not in closed}


def _typed(
    work: UnitOfWork, name: str, layout: str, raw: Mapping[str, Any], ref: RecordRef | None
) -> tuple[tuple[PlacedSection, ...], FieldStates]:
    rules = RecordRules(work, work.definition(name))
    stored = _stored(work, ref) if ref else _initial(work, rules, {})
    typed, _ = parsed_values(work, rules.definition, raw)
    sections = arranged(work, rules, _layout_named(rules, layout)).sections
    return sections, states_while_typing(rules, sections, stored, typed, ref.id if ref else None)


def _plan(work: UnitOfWork, rules: RecordRules, values: Mapping[str, Any], ref: RecordRef | None) -> RecordPlan:
    identifier = ref.id if ref else None
    arrangement = arranged(work, rules, layout_for(work, rules, rules.inputs(values, identifier)))
    sections = arrangement.sections
    states = states_of(rules, sections, values, identifier)
    return RecordPlan(arrangement, states, watched_fields(rules, sections), {} if ref else values)


def _stored(work: UnitOfWork, ref: RecordRef) -> Mapping[str, Any]:
    found = work.records.fetch(ref.object, [ref.id], work.reach("read", ref.object)).get(ref.id)
    if found is None:
        raise NotFound("There is no such record, or you may not see it.")
    return found.values


def _initial(work: UnitOfWork, rules: RecordRules, given: Mapping[str, Any]) -> Mapping[str, Any]:
    parsed, _ = parsed_values(work, rules.definition, given)
    return {**with_defaults(rules, parsed), "owner": parsed.get("owner", work.who.user_id)}


def _layout_named(rules: RecordRules, name: str) -> Layout:
    layouts = rules.definition.all_layouts
    return next((layout for layout in layouts if layout.name == name), layouts[-1])
