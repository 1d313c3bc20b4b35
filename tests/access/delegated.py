"""What a run may do, said as plainly as the rest of the reference model: what its runner and its publisher both may."""

from dataclasses import dataclass

from tests.access.facts import Person, Record
from tests.access.reference import Model


@dataclass
class Delegated(Model):
    """Each question is asked of both people; whoever asks is the runner. Without a publisher it is the product's."""

    publisher: Person | None = None

    def has(self, me: Person, action: str, name: str) -> bool:
        return all(super(Delegated, self).has(each, action, name) for each in self._both(me))

    def level(self, me: Person, name: str, field_name: str) -> int:
        return min(super(Delegated, self).level(each, name, field_name) for each in self._both(me))

    def can(self, me: Person, action: str, record: Record) -> bool:
        return all(super(Delegated, self).can(each, action, record) for each in self._both(me))

    def _both(self, me: Person) -> list[Person]:
        return [me, self.publisher] if self.publisher is not None else [me]
