"""Who gains and loses what, for the eye."""

from collections.abc import Sequence
from typing import TypedDict

from crm_app.services.difference_words import counted, doing, headline, people_words
from crm_app.services.role_difference import ActionChange, Difference, Felt, FieldChange
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import record_path

_MOST_NAMES = 50
_LEVELS = {"none": "hidden", "mask": "masked", "read": "read only", "edit": "open"}


class Sample(TypedDict):
    label: str
    href: str


class DifferenceLine(TypedDict):
    """`sign` is + or -; `people` are names with their own numbers."""

    key: str
    sign: str
    what: str
    who: str
    people: list[str]
    samples: list[Sample]


class DifferenceData(TypedDict):
    sentence: str
    lines: list[DifferenceLine]
    warnings: list[str]


NO_DIFFERENCE = DifferenceData(sentence="", lines=[], warnings=[])


def difference_data(work: UnitOfWork, found: Difference, warnings: list[str]) -> DifferenceData:
    actions = [_action(work, each) for each in found.actions]
    fields = [_field(work, each) for each in found.fields]
    return DifferenceData(sentence=headline(work.catalog, found), lines=[*actions, *fields], warnings=warnings)


def _action(work: UnitOfWork, change: ActionChange) -> DifferenceLine:
    may = "May" if change.is_gain else "May no longer"
    read = f"See{'' if change.is_gain else ' no longer'} {counted(work.catalog, change)}"
    return DifferenceLine(
        key=f"{change.object} {change.action} {change.is_gain}",
        sign="+" if change.is_gain else "-",
        what=read if change.action == "read" else f"{may} {doing(work.catalog, change)}",
        who=people_words(len(change.people)),
        people=_names(change.people),
        samples=[Sample(label=name, href=record_path(change.object, record)) for record, name in change.samples],
    )


def _field(work: UnitOfWork, change: FieldChange) -> DifferenceLine:
    definition = work.catalog.by_name[change.object]
    label = definition.all_fields[change.field].label
    return DifferenceLine(
        key=f"{change.object} {change.field} {change.before} {change.after}",
        sign="+" if change.is_gain else "-",
        what=f"{definition.label}, {label}: {_LEVELS[change.before]} → {_LEVELS[change.after]}",
        who=people_words(len(change.people)),
        people=_names(change.people),
        samples=[],
    )


def _names(people: Sequence[Felt]) -> list[str]:
    shown = [each.name if each.records is None else f"{each.name}: {each.records:,}" for each in people[:_MOST_NAMES]]
    more = len(people) - _MOST_NAMES
    return [*shown, f"and {more:,} more"] if more > 0 else shown
