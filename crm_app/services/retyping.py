"""Giving fields another type: how many values can be written differently is told before anything changes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from crm_app.definitions.diff import paired_fields
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.retyping import can_retype, retyped
from crm_app.fields.field_type import FieldValueError
from crm_app.kernel.errors import Invalid, Problem
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.conversion import PAGE, Conversion, OldValue
from crm_app.storage.present import stored_columns

EXAMPLES = 20
_ZONE = text("SELECT time_zone FROM crm.workspace")


class CannotConvert(Invalid):
    """Some values can't be written in the new type; `problems` name the first of them. Nothing was published."""

    code = "cannot_convert"


@dataclass(frozen=True)
class Retyping:
    """`definition` is the object as it is before."""

    path: str
    definition: ObjectDefinition
    old: FieldDefinition
    new: FieldDefinition


@dataclass
class Outcome:
    converted: int = 0
    refused: int = 0
    examples: list[str] = field(default_factory=list[str])

    @property
    def notes(self) -> tuple[str, ...]:
        sums = f"{self.converted:,} values convert, {self.refused:,} can't."
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
    if not can_retype(retyping.old, retyping.new):
        return Outcome()
    outcome = Outcome()
    for _ in _converted(work, retyping, _conversion(work, retyping), outcome):
        pass
    return outcome


def stage(work: UnitOfWork, retyping: Retyping, *, set_empty: bool) -> Conversion:
    """Converts every value beside its table; raises `CannotConvert` when some can't be and may not be left empty."""
    conversion, outcome = _conversion(work, retyping), Outcome()
    conversion.hold_writers()
    conversion.begin()
    page: list[tuple[OldValue, object]] = []
    for old, value in _converted(work, retyping, conversion, outcome):
        page.append((old, value))
        if len(page) == PAGE:
            conversion.stage([(each.id, new) for each, new in page])
            page.clear()
    conversion.stage([(each.id, new) for each, new in page])
    if outcome.refused and not set_empty:
        raise CannotConvert(
            f"{outcome.refused:,} values can't become {retyping.new.type}. Change them first, or choose to leave them "
            "empty; what they were stays stored.",
            [Problem(retyping.path, example) for example in outcome.examples],
        )
    return conversion


def fill(conversion: Conversion, retyping: Retyping) -> None:
    try:
        conversion.fill()
    except IntegrityError as error:
        raise CannotConvert(
            "These definitions can't be published.",
            [Problem(retyping.path, "Values that differ now would be the same, and the field is unique.")],
        ) from error


def _retypings(before: Package, after: Package) -> Iterator[Retyping]:
    olds = {definition.stored: definition for definition in before.objects}
    for definition in after.objects:
        old = olds.get(definition.stored)
        if old is None or old is definition:
            continue
        for had, has in paired_fields(old, definition):
            if had is not None and has is not None and had.type != has.type:
                yield Retyping(f"objects/{definition.name}/fields/{has.name}", old, had, has)


def _conversion(work: UnitOfWork, retyping: Retyping) -> Conversion:
    return Conversion(work.connection, retyping.definition, retyping.old, retyping.new)


def _converted(
    work: UnitOfWork, retyping: Retyping, conversion: Conversion, outcome: Outcome
) -> Iterator[tuple[OldValue, object]]:
    """Each record with its new value. One that comes back to a type it had before gets back exactly what it held then,
    unless it has been changed since.
    """
    zone = ZoneInfo(work.connection.execute(_ZONE).scalar_one())
    existing = stored_columns(work.connection).get(retyping.definition.stored, frozenset[str]())
    wanted = EXAMPLES if work.closed(retyping.definition.name).isdisjoint(_told(retyping)) else 0
    for old in conversion.values(existing):
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
            if len(outcome.examples) < wanted:
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
