"""What a change of roles means, in one sentence."""

from collections.abc import Iterable

from crm_app.definitions.package import Package
from crm_app.rules.value_words import listed
from crm_app.services.role_difference import WORKSPACE, ActionChange, Difference, FieldChange

_VERBS = {"bulk": "change many at once of"}
_MOST_PARTS = 4
NOTHING = "Nobody gains or loses anything."


def headline(package: Package, found: Difference) -> str:
    """`12 people gain 4,310 deals and 2 fields, and may edit 120 deals. 1 person loses 3 companies.`"""
    sentences = [_side(package, found, is_gain=is_gain) for is_gain in (True, False)]
    return " ".join(each for each in sentences if each) or NOTHING


def people_words(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"


def counted(package: Package, change: ActionChange) -> str:
    """`4,310 deals`, or `deals` where none are counted."""
    definition = package.by_name.get(change.object)
    if change.object == WORKSPACE or definition is None:
        return "the workspace"
    if change.records is None:
        return definition.plural.lower()
    return f"{change.records:,} {(definition.label if change.records == 1 else definition.plural).lower()}"


def doing(package: Package, change: ActionChange) -> str:
    """`edit 120 deals`"""
    return f"{_VERBS.get(change.action, change.action)} {counted(package, change)}"


def _side(package: Package, found: Difference, *, is_gain: bool) -> str:
    actions = [each for each in found.actions if each.is_gain is is_gain]
    fields = [each for each in found.fields if each.is_gain is is_gain]
    people = len(_people(actions) | _people(fields))
    if not people:
        return ""
    owned = [counted(package, each) for each in actions if each.action == "read"]
    owned = _shortened(owned)
    if number := len({(each.object, each.field) for each in fields}):
        owned.append("1 field" if number == 1 else f"{number:,} fields")
    done = _shortened([doing(package, each) for each in actions if each.action != "read"])
    one = people == 1
    verb, may = ("gains" if one else "gain", "may") if is_gain else ("loses" if one else "lose", "may no longer")
    parts = [f"{verb} {listed(owned, 'and')}"] if owned else []
    parts += [f"{may} {listed(done, 'and' if is_gain else 'or')}"] if done else []
    return f"{people_words(people)} {', and '.join(parts)}."


def _people(changes: Iterable[ActionChange] | Iterable[FieldChange]) -> set[object]:
    return {felt.person for change in changes for felt in change.people}


def _shortened(parts: list[str]) -> list[str]:
    more = len(parts) - _MOST_PARTS
    return parts if more <= 1 else [*parts[:_MOST_PARTS], f"{more} more"]
