"""What the rules in an object's definition say of one of its records. They are the administrator's, so they read the
whole record, whoever sets them off; across a relation they see what this actor sees, like every rule.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.field_type import FieldValueError
from crm_app.kernel import clock
from crm_app.kernel.errors import Clause
from crm_app.rules.inputs import Inputs, Record
from crm_app.services.exchange_rates import worth_in
from crm_app.services.reasons import reasons
from crm_app.services.rulebook import CompiledRule
from crm_app.services.unit_of_work import UnitOfWork

MAX_RELATED = 1_000


class RecordRules:
    """Rules over the records of one object. What relations lead to is read once."""

    def __init__(self, work: UnitOfWork, definition: ObjectDefinition) -> None:
        self.definition = definition
        self._work = work
        self._now = clock.now()
        self._followed: dict[tuple[str, UUID], Record | None] = {}
        self._worth = worth_in(work)
        self._gathered: dict[tuple[str, UUID, str], Any] = {}

    def inputs(
        self, values: Mapping[str, Any], identifier: UUID | None, old: Mapping[str, Any] | None = None
    ) -> Inputs:
        """`identifier` and `old` are those of a record which exists already; `old` is as it is saved."""
        who = self._work.who
        return Inputs(
            record={**values, "id": identifier},
            old=old,
            me=who.user_id,
            now=self._now,
            time_zone=who.time_zone,
            follow=self._follow,
            related=self._related,
            gather=self._gather,
            follow_all=lambda name, ids: list(self._seen(name, ids).values()),
            worth=self._worth,
        )

    def compiled(self, text: str) -> CompiledRule:
        return self._work.schema.rules.of(self.definition.name, text)

    def holds(self, text: str, inputs: Inputs) -> bool:
        """Only on true; where there is no rule, nothing holds."""
        return bool(text.strip()) and self.compiled(text).holds(inputs)

    def reasons(self, text: str, inputs: Inputs, *, wanted: bool) -> tuple[Clause, ...]:
        """The parts of the rule because of which it doesn't hold (`wanted`), or does; as far as this actor may know."""
        return reasons(self._work, self.compiled(text), inputs, wanted=wanted)

    def is_visible(self, text: str, inputs: Inputs) -> bool:
        """What has no rule is visible to everybody."""
        return not text.strip() or self.compiled(text).holds(inputs)

    def default(self, field: FieldDefinition, inputs: Inputs) -> Any:
        """What the formula of a field's default gives, as the field stores it; empty where it doesn't fit."""
        rule = self._work.schema.rules.of(self.definition.name, field.default_rule, field.rule_type)
        value = rule.value(inputs)
        try:
            return None if value is None else field.parse(field.dump(value))
        except FieldValueError:
            return None

    @property
    def hidden(self) -> frozenset[str]:
        """The fields that don't exist for this actor, so that no sentence may name them."""
        return self._work.access(self.definition.name).hidden

    def _follow(self, name: str, identifier: UUID) -> Record | None:
        key = (name, identifier)
        if key not in self._followed:
            self._followed[key] = self._seen(name, [identifier]).get(identifier)
        return self._followed[key]

    def _related(self, name: str, identifier: UUID, field: str) -> Sequence[Record]:
        for related in self._work.catalog.related.get(name, ()):
            if field == related.name:
                reach = self._work.reach("read", related.object.name)
                found = self._work.records.pointing_at(related.object.name, related.field, identifier, reach)
                return list(self._seen(related.object.name, found[:MAX_RELATED]).values())
        return ()

    def _gather(self, name: str, identifier: UUID, field: str) -> Any:
        """A rollup as lists show it to this actor: nothing where it is closed to them."""
        key = (name, identifier, field)
        if key not in self._gathered:
            is_closed = field in self._work.closed(name)
            found = {} if is_closed else self._work.records.computed(name, [field], [identifier])
            self._gathered[key] = found.get(identifier, {}).get(field)
        return self._gathered[key]

    def _seen(self, name: str, ids: Sequence[UUID]) -> dict[UUID, Record]:
        """Those of the records that the actor may see, without what is closed to them."""
        access = self._work.access(name)
        closed = access.hidden | access.masked
        found = self._work.records.fetch(name, ids, self._work.reach("read", name)) if access.allows("read") else {}
        return {
            key: {"id": key, **{field: value for field, value in record.values.items() if field not in closed}}
            for key, record in found.items()
        }
