"""Giving fields another type: how many values can be written differently is told before anything changes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import text

from crm_app.definitions.diff import paired_fields
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.retyping import can_retype, retyped
from crm_app.fields.field_type import FieldValueError
from crm_app.kernel.errors import Invalid, Problem
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.conversion import Conversion, OldValue
from crm_app.storage.present import stored_columns

EXAMPLES = 20
_ZONE = text("SELECT time_zone FROM crm.workspace")


class CannotConvert(Invalid):
    """Some values can't be written in the new type; `problems` name the first of them. Nothing was published."""

    code = "cannot_convert"


@dataclass(frozen=True)
class Retyping:
    """`definition` is the object as it is before; `is_unique` is about the values as they will be."""

    path: str
    definition: ObjectDefinition
    old: FieldDefinition
    new: FieldDefinition
    is_unique: bool


@dataclass
class Outcome:
    converted: int = 0
    refused: int = 0
    examples: list[str] = field(default_factory=list[str])
    most_examples: int = EXAMPLES

    @property
    def notes(self) -> tuple[str, ...]:
        noun, verb = ("value", "converts") if self.converted == 1 else ("values", "convert")
        sums = f"{self.converted:,} {noun} {verb}, {self.refused:,} can't."
        more = self.refused - len(self.examples)
        return (sums, *self.examples, *([f"… and {more:,} more"] if more and self.examples else ()))


def retypings(before: Package, after: Package) -> list[Retyping]:
    """The fields that have another type now, stored in another column."""
    return list(_retypings(before, after))


def require_convertible(found: list[Retyping]) -> None:
    problems = [
        Problem(each.path, f"{each.old.type} can't become {each.new.type}. Add a field of the new type beside it.")
        for each in found
        if not can_retype(each.old, each.new)
    ]
    if problems:
        raise CannotConvert("These definitions can't be published.", problems)


def tried(work: UnitOfWork, retyping: Retyping) -> Outcome:
    """What converting would do; nothing is written."""
    outcome = outcome_for(work, retyping)
    if can_retype(retyping.old, retyping.new):
        conversion, zone, last = conversion_of(work, retyping), zone_of(work), None
        while page := conversion.page(work.connection, last):
            for _ in converted(retyping, page, zone, outcome):
                pass
            last = page[-1].id
    return outcome


def outcome_for(work: UnitOfWork, retyping: Retyping) -> Outcome:
    """Values are told only to those who may know them."""
    is_closed = not work.closed(retyping.definition.name).isdisjoint(_told(retyping))
    return Outcome(most_examples=0 if is_closed else EXAMPLES)


def conversion_of(work: UnitOfWork, retyping: Retyping) -> Conversion:
    there = stored_columns(work.connection).get(retyping.definition.stored, frozenset[str]())
    has_kept = there.issuperset(retyping.new.stored_columns) and retyping.new.stored != retyping.old.stored
    return Conversion(retyping.definition, retyping.old, retyping.new, has_kept=has_kept)


def zone_of(work: UnitOfWork) -> ZoneInfo:
    return ZoneInfo(work.connection.execute(_ZONE).scalar_one())


def _retypings(before: Package, after: Package) -> Iterator[Retyping]:
    olds = {definition.stored: definition for definition in before.objects}
    for definition in after.objects:
        old = olds.get(definition.stored)
        if old is None or old is definition:
            continue
        for had, has in paired_fields(old, definition):
            if had is not None and has is not None and had.type != has.type:
                is_unique = any(has in fields for fields in definition.unique_sets.values())
                yield Retyping(f"objects/{definition.name}/fields/{has.name}", old, had, has, is_unique)


def converted(
    retyping: Retyping, values: Iterable[OldValue], zone: ZoneInfo, outcome: Outcome
) -> Iterator[tuple[OldValue, object]]:
    """Each record with its new value. One that comes back to a type it had before gets back exactly what it held then,
    unless it has been changed since.
    """
    for old in values:
        if old.kept is not None and _is_unchanged(retyping, old, zone):
            outcome.converted += 1
            yield old, old.kept
            continue
        try:
            value = None if old.value is None else retyped(retyping.old, retyping.new, old.value, zone)
            outcome.converted += old.value is not None
        except FieldValueError as error:
            value = None
            outcome.refused += 1
            if len(outcome.examples) < outcome.most_examples:
                shown = retyping.old.text(old.value)
                outcome.examples.append(f"'{old.name[:60]}' holds '{shown[:60]}': {error}")
        yield old, value


def _told(retyping: Retyping) -> tuple[str, str]:
    """The fields whose values an example says."""
    return (retyping.old.name, retyping.definition.name_field)


def _is_unchanged(retyping: Retyping, old: OldValue, zone: ZoneInfo) -> bool:
    try:
        made = retyped(retyping.new, retyping.old, old.kept, zone)
    except FieldValueError:
        made = None
    return made == old.value
