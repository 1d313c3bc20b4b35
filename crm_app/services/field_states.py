"""Which fields and sections of a record show, are required or can't be changed, as the rules of its definition say."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm_app.definitions.field import FIELD_CONDITIONS
from crm_app.services.layouts import PlacedSection
from crm_app.services.record_rules import RecordRules

MAX_ROUNDS = 5


@dataclass(frozen=True)
class FieldStates:
    """Names of fields, and keys of sections."""

    hidden: frozenset[str]
    required: frozenset[str]
    read_only: frozenset[str]
    hidden_sections: frozenset[str]


def states_of(
    rules: RecordRules,
    sections: Iterable[PlacedSection],
    values: Mapping[str, Any],
    identifier: UUID | None,
    old: Mapping[str, Any] | None = None,
) -> FieldStates:
    """Without an identifier it is a record that is still to be created, of which nothing is read-only by a rule. `old`
    is the record as it is saved, which is what `values` are unless said otherwise.
    """
    saved = (old or values) if identifier else None
    inputs, fields = rules.inputs(values, identifier, saved), rules.definition.fields
    hidden = frozenset(f.name for f in fields if not rules.is_visible(f.visible_when, inputs))
    return FieldStates(
        hidden=hidden,
        required=frozenset(f.name for f in fields if f.required or rules.holds(f.required_when, inputs)) - hidden,
        read_only=frozenset(f.name for f in fields if identifier and rules.holds(f.read_only_when, inputs)),
        hidden_sections=frozenset(s.key for s in sections if not rules.is_visible(s.section.visible_when, inputs)),
    )


def states_while_typing(
    rules: RecordRules,
    sections: Iterable[PlacedSection],
    stored: Mapping[str, Any],
    typed: Mapping[str, Any],
    identifier: UUID | None,
) -> FieldStates:
    """What a field holds that is hidden or read-only is not saved, so others see its stored value; hiding one field can
    so hide the next.
    """
    placed = tuple(sections)
    states = states_of(rules, placed, {**stored, **typed}, identifier, stored)
    for _ in range(MAX_ROUNDS):
        closed = closed_fields(placed, states)
        saved = {name: value for name, value in typed.items() if name not in closed}
        again = states_of(rules, placed, {**stored, **saved}, identifier, stored)
        if again == states:
            break
        states = again
    return states


def closed_fields(sections: Iterable[PlacedSection], states: FieldStates) -> set[str]:
    """Those that a form does not save."""
    in_hidden = {name for each in sections if each.key in states.hidden_sections for name in each.fields}
    return in_hidden | states.hidden | states.read_only


def watched_fields(rules: RecordRules, sections: Iterable[PlacedSection]) -> frozenset[str]:
    """The record's own fields on which some state depends."""
    texts = (text for text in _texts(rules, sections) if text.strip())
    return frozenset(name for text in texts for name in rules.compiled(text).own_fields())


def _texts(rules: RecordRules, sections: Iterable[PlacedSection]) -> Iterator[str]:
    for field in rules.definition.fields:
        yield from (getattr(field, condition) for condition in FIELD_CONDITIONS)
    yield from (placed.section.visible_when for placed in sections)
