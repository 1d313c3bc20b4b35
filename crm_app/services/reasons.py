"""The parts of an administrator's rule that made it refuse a record, for whoever is refused. A rule that names anything
this actor may not see gives no reasons at all: which of its parts decided would tell what is there.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from crm_app.kernel.errors import Clause, Outcome
from crm_app.kernel.times import moment_text
from crm_app.rules import explain
from crm_app.rules.inputs import Inputs
from crm_app.rules.printer import print_rule
from crm_app.rules.reading import reading
from crm_app.rules.tree import Member, Name, Not, Quantifier
from crm_app.rules.value_words import Words
from crm_app.services.rulebook import CompiledRule
from crm_app.services.unit_of_work import UnitOfWork

_OUTCOMES: Mapping[bool | None, Outcome] = {True: "true", False: "false", None: "unknown"}
_AS_THE_FIELD_SAYS = frozenset({"int", "decimal", "money", "enum"})


def reasons(work: UnitOfWork, compiled: CompiledRule, inputs: Inputs, *, wanted: bool) -> tuple[Clause, ...]:
    """Why the rule was not true (`wanted`), or why it was."""
    names = compiled.rule.dependencies.fields
    if not all(name in (work.fields(owner) or ()) for owner, name in names):
        return ()
    found = explain.explain(compiled.rule.tree, inputs, wanted=wanted)
    teller = _Teller(work, inputs, says_what_is_needed=wanted)
    return tuple(teller.clause(each) for each in found.clauses)


class _Teller:
    """Of a rule that should have held it also says what is needed; of one that should not, its message does."""

    def __init__(self, work: UnitOfWork, inputs: Inputs, *, says_what_is_needed: bool) -> None:
        self._work = work
        self._inputs = inputs
        self._says_what_is_needed = says_what_is_needed
        self._words = Words(work, self._name_of)

    def clause(self, clause: explain.Clause) -> Clause:
        records = [record for witness in clause.witnesses if (record := _record(witness.element))]
        return Clause(
            rule=print_rule(clause.node),
            outcome=_OUTCOMES[clause.value],
            needed=clause.wanted,
            message=self._sentence(clause),
            values=tuple((print_rule(fact.node), self._value(fact)) for fact in clause.facts),
            records=tuple(str(record["id"]) for record in records),
            record_count=clause.witness_count,
        )

    def _sentence(self, clause: explain.Clause) -> str:
        """`Amount is 3 USD; needed is: Amount is more than 5 USD.`"""
        was = self._witnesses(clause) if clause.witness_count else self._facts(clause, 0)
        is_not = Not(operand=clause.node)
        is_so = Not(operand=is_not) if clause.wanted else is_not  # twice: a bare field is then said to be yes
        needed = f"Needed is: {reading(is_so, self._words)}." if self._says_what_is_needed else ""
        if not was:
            return needed or f"{reading(clause.node, self._words)}."
        return f"{was}; {needed[0].lower()}{needed[1:]}" if needed else f"{was}."

    def _facts(self, clause: explain.Clause, level: int) -> str:
        said = (f"{reading(fact.node, self._words, level)} is {self._value(fact) or 'empty'}" for fact in clause.facts)
        return " and ".join(dict.fromkeys(said))

    def _witnesses(self, clause: explain.Clause) -> str:
        """`Because of Desk (Price is 0 EUR), Chair (Price is empty) and 3 more`."""
        shown = [self._witness(witness, clause) for witness in clause.witnesses]
        more = clause.witness_count - len(shown)
        return f"Because of {', '.join(shown)}{f' and {more} more' if more else ''}"

    def _witness(self, witness: explain.Witness, clause: explain.Clause) -> str:
        assert isinstance(clause.node, Quantifier)  # noqa: S101 - only quantifiers have witnesses
        record, item = _record(witness.element), clause.node.source.type.item
        name = self._name_in(item.object, record) if record and item else str(witness.element)
        facts = [self._facts(inner, clause.node.level) for inner in witness.why.clauses]
        said = ", ".join(dict.fromkeys(fact for fact in facts if fact))
        return f"{name} ({said})" if said else name

    def _value(self, fact: explain.Fact) -> str | None:
        """As a person reads it; `None` for nothing."""
        value = fact.value
        if value is None or value in ("", []):
            return None
        if isinstance(value, datetime):
            return moment_text(value, self._work.who.time_zone)
        if fact.node.type.kind in _AS_THE_FIELD_SAYS and isinstance(fact.node, (Name, Member)) and fact.node.object:
            return self._work.catalog.by_name[fact.node.object].all_fields[fact.node.name].text(value)
        return self._words.value(value, fact.node.type)

    def _name_of(self, owner: str, identifier: UUID) -> str:
        record = self._inputs.follow(owner, identifier) if owner else None
        return self._name_in(owner, record) if record else "a record"

    def _name_in(self, owner: str, record: Mapping[str, Any]) -> str:
        definition = self._work.catalog.by_name.get(owner)
        return str((record.get(definition.name_field) if definition else None) or "a record")


def _record(element: Any) -> Mapping[str, Any] | None:
    return cast("Mapping[str, Any]", element) if isinstance(element, Mapping) else None
