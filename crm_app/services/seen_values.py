"""What a run's steps got and gave, for whoever looks at it: a value only where all that it was worked out from is open
to them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from crm_app.kernel.events import RecordRef
from crm_app.services.run_lists import names_of_records
from crm_app.services.unit_of_work import UnitOfWork

ROUND = re.compile(r"#\d+\+?")
_OUTPUT = re.compile(r"\bsteps\.(\w+)\.")


@dataclass(frozen=True)
class Value:
    """An expression of a step and what it gave: `truth` of a condition, `value` of anything else, in words.
    `is_closed`: it was worked out from what this viewer may not see, so neither is told. `ref` is the record
    that it is, if this viewer may see that.
    """

    text: str
    depth: int = 0
    truth: str = ""
    value: str = ""
    is_closed: bool = False
    ref: RecordRef | None = None


@dataclass
class Viewer:
    """Of one run, asked in the order of its steps: every field that a value was worked out from is open to this actor,
    in records that they may see: the run's own, and of other objects all or none. What a closed step gave is closed in
    the steps after it.
    """

    work: UnitOfWork
    is_record_seen: bool
    own: str = ""
    names: dict[RecordRef, str] = field(default_factory=dict[RecordRef, str])
    _closed: set[str] = field(default_factory=set[str])

    def name(self, told: Iterable[Mapping[str, Any]]) -> None:
        """Looks up what the records among these values are called."""
        unknown = {ref for each in told if (ref := ref_in(each)) is not None and ref not in self.names}
        self.names |= dict.fromkeys(unknown, "") | names_of_records(self.work, unknown)

    @property
    def has_closed(self) -> bool:
        return bool(self._closed)

    def value(self, told: Mapping[str, Any]) -> Value:
        if not all(self._sees(owner, name) for owner, name in told.get("uses", ())) or self._names_closed(told["text"]):
            return Value(told["text"], told["depth"], is_closed=True)
        ref = ref_in(told)
        name = self.names.get(ref, "") if ref else ""
        value = name or told.get("value", "")
        return Value(told["text"], told["depth"], told.get("truth", ""), value, ref=ref if name else None)

    def sees_output(self, path: str, looks_at: str, values: Iterable[Value]) -> bool:
        """`looks_at` is the object that the step's settings name: it may have looked at any record of it."""
        is_open = not any(each.is_closed for each in values) and (not looks_at or self._sees_all(looks_at))
        if not is_open:
            self._closed.add(ROUND.sub("", path).rpartition("/")[2])
        return is_open

    def _names_closed(self, text: str) -> bool:
        """A long text was cut, and a variable may hold anything."""
        if not self._closed:
            return False
        return not self._closed.isdisjoint(_OUTPUT.findall(text)) or "vars." in text or text.endswith("…")

    def _sees(self, owner: str, name: str) -> bool:
        infos = self.work.fields(owner)
        if infos is None or (name != "id" and name not in infos):
            return False
        return self.is_record_seen if owner == self.own else self.work.reach("read", owner).everyone

    def _sees_all(self, owner: str) -> bool:
        return self.work.reach("read", owner).everyone and not self.work.closed(owner)


def ref_in(told: Mapping[str, Any]) -> RecordRef | None:
    return RecordRef(told["ref"][0], UUID(told["ref"][1])) if "ref" in told else None
