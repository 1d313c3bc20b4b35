"""What a rule is evaluated with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

Record = Mapping[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _no_values() -> dict[str, Any]:
    return {}


def _nobody(_object: str, _identifier: UUID) -> Record | None:
    return None


def _unknown(_currency: str, _day: date) -> Decimal | None:
    return None


def _nothing(_object: str, _identifier: UUID, _field: str) -> Sequence[Record]:
    return ()


@dataclass(slots=True)
class Inputs:
    """Never changed once made; not frozen, because one is made for every record and freezing takes five times as long.

    Records are mappings from field name to value: str, bool, int, Decimal, Money, date, aware datetime,
    timedelta, UUID, list or None; a missing field is null. `follow(object, id)` gives the record a
    relation points at and `related(object, id, field)` those that a `list⟨ref⟩` field of that record
    holds: both only what the reader may see. A record that links to others holds their ids itself, as a list; those
    are followed, all at once where `follow_all` can; `gather(object, id, field)` gives the value of a rollup where its
    records need not be read for it. `now` is aware; `time_zone` is an IANA name and decides
    what `today` is. `worth(currency, day)` is that of one unit in the workspace's own currency.
    """

    record: Record
    old: Record | None = None
    variables: Record = field(default_factory=_no_values)
    steps: Mapping[str, Record] = field(default_factory=_no_values)
    me: UUID | None = None
    now: datetime = EPOCH
    time_zone: str = "UTC"
    follow: Callable[[str, UUID], Record | None] = _nobody
    related: Callable[[str, UUID, str], Sequence[Record]] = _nothing
    follow_all: Callable[[str, Sequence[UUID]], Sequence[Record]] | None = None
    gather: Callable[[str, UUID, str], Any] | None = None
    worth: Callable[[str, date], Decimal | None] = _unknown

    def linked(self, object: str, identifiers: Sequence[UUID]) -> Sequence[Record]:  # noqa: A002 - the product's word
        """Those of the records that the reader may see."""
        if self.follow_all is not None:
            return self.follow_all(object, identifiers)
        found = (self.follow(object, identifier) for identifier in identifiers)
        return [record for record in found if record is not None]

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.time_zone)).date()
