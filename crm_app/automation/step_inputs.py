"""What the rules of a step are evaluated with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from crm_app.automation.change import parsed
from crm_app.automation.messages import RunHead, StepInput
from crm_app.automation.own_record import needs_own_record
from crm_app.kernel import clock
from crm_app.kernel.events import NO_RECORD, RecordRef
from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Name, Node, walk
from crm_app.rules.value_json import load_value
from crm_app.services.automation_inputs import RuleReader
from crm_app.services.unit_of_work import UnitOfWork


def inputs_of(work: UnitOfWork, step: StepInput, snapshot: Mapping[str, Any], trees: Sequence[Node]) -> Inputs:
    """The record as it is now and as the runner may see it; a deleted one as it was. What nothing is asked of is not
    read, for it may be gone by now, or be none.
    """
    reader = RuleReader(work)
    ref = ref_of(step.run)
    before = parsed(snapshot["before"], work.definition(ref.object))
    is_gone = snapshot["event"] == "record.deleted"
    is_asked = ref.id != NO_RECORD and any(map(needs_own_record, trees))
    record = reader.readable(ref, before) if is_gone else reader.record(ref) if is_asked else {"id": ref.id}
    return Inputs(
        record=record,
        old={**record, **reader.readable(ref, before)},
        variables=_named(replace(step, variables={**snapshot.get("given", {}), **step.variables}), trees, "vars").get(
            "", {}
        ),
        steps=_named(step, trees, "steps"),
        me=work.who.user_id,
        now=clock.now(),
        time_zone=work.who.time_zone,
        follow=reader.follow,
        gather=reader.gather,
        related=reader.related,
        worth=reader.worth,
    )


def _named(step: StepInput, trees: Iterable[Node], root: str) -> dict[str, dict[str, Any]]:
    """The outputs or variables that the rules name, as values of the types that the rules were checked with."""
    found: dict[str, dict[str, Any]] = {}
    for node in (node for tree in trees for node in walk(tree)):
        if isinstance(node, Name) and node.root == root:
            given = step.outputs.get(node.step, {}) if root == "steps" else step.variables
            found.setdefault(node.step, {})[node.name] = load_value(node.type, given.get(node.name))
    return found


def ref_of(run: RunHead) -> RecordRef:
    return RecordRef(run.object, UUID(run.record))
