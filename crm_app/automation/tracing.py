"""The rules of a step as they turned out, kept for whoever looks at the run later: values in words, with the fields
that each was worked out from, so that it can be kept from a reader who may not see them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, cast
from uuid import UUID

import orjson

from crm_app.automation.messages import Block
from crm_app.fields.rule_type import RuleType
from crm_app.rules.inputs import Inputs
from crm_app.rules.printer import print_rule
from crm_app.rules.python import compile_rule
from crm_app.rules.rule import dependencies
from crm_app.rules.scope import Scope
from crm_app.rules.trace import parts_of
from crm_app.rules.tree import Node
from crm_app.rules.tree_json import from_json
from crm_app.rules.value_words import Words

MAX_PARTS = 40
MAX_TEXT = 300
_TRUTHS = {True: "true", False: "false", None: "unknown"}
Told = dict[str, Any]
"""`text`, `depth`, `uses` (pairs of object and field), and `truth` of a condition or `value` of anything else; of a
record also its object and id as `ref`.
"""


@dataclass(frozen=True)
class Part:
    """One part of a rule; the first is the whole."""

    text: str
    depth: int
    type: RuleType
    uses: list[tuple[str, str]]
    value: Callable[[Inputs], Any]


@dataclass(frozen=True)
class StepRule:
    """A step's expression, compiled once for all runs of its version."""

    tree: Node
    parts: tuple[Part, ...]

    @property
    def type(self) -> RuleType:
        return self.tree.type

    def value(self, inputs: Inputs) -> Any:
        return self.parts[0].value(inputs)


def rules_of_block(block: Block) -> Mapping[str, StepRule]:
    """By place in the block's config."""
    return _compiled(orjson.dumps(dict(block.rules))) if block.rules else {}


@lru_cache(maxsize=2000)
def _compiled(rules: bytes) -> Mapping[str, StepRule]:
    return {place: step_rule(from_json(body)) for place, body in orjson.loads(rules).items()}


def step_rule(tree: Node) -> StepRule:
    below = [(node, depth) for node, depth in parts_of(tree) if depth][: MAX_PARTS - 1]
    return StepRule(tree, tuple(_part(node, depth) for node, depth in [(tree, 0), *below]))


def _part(node: Node, depth: int) -> Part:
    uses, evaluated = sorted(dependencies(node).reads), compile_rule(node)
    gives_records = node.type.item is not None and node.type.item.kind == "ref"
    return Part(_short(print_rule(node)), depth, node.type, uses, _ids_of(evaluated) if gives_records else evaluated)


def _ids_of(evaluated: Callable[[Inputs], Any]) -> Callable[[Inputs], Any]:
    """Related records stand for their ids: what else is in them was not asked for."""

    def ids(inputs: Inputs) -> Any:
        found = evaluated(inputs)
        if found is None:
            return None
        return [cast("Mapping[str, Any]", each)["id"] if isinstance(each, Mapping) else each for each in found]

    return ids


def reading_once(inputs: Inputs) -> Inputs:
    """Evaluating a rule and each of its parts reads what it points at only once."""
    return replace(
        inputs,
        follow=cache(inputs.follow),
        related=cache(inputs.related),
        gather=cache(inputs.gather) if inputs.gather is not None else None,
    )


def told_inputs(rules: Mapping[str, StepRule], values: Mapping[str, Any], scope: Scope) -> dict[str, Told]:
    """Each expression with the value that the step got."""
    words = Words(scope)
    return {place: _told(rule.parts[0], values[place], words) for place, rule in rules.items()}


def told_traces(rules: Mapping[str, StepRule], inputs: Inputs, scope: Scope) -> dict[str, list[Told]]:
    """Every part of the expressions that have parts, also those that the answer did not need."""
    words = Words(scope)
    return {
        place: [_told(part, part.value(inputs), words) for part in rule.parts]
        for place, rule in rules.items()
        if len(rule.parts) > 1
    }


def _told(part: Part, value: Any, words: Words) -> Told:
    said: Told = {"text": part.text, "depth": part.depth, "uses": part.uses}
    if part.type.kind == "bool" and (value is None or isinstance(value, bool)):
        return {**said, "truth": _TRUTHS[value]}
    if isinstance(value, UUID) and part.type.object:
        said["ref"] = [part.type.object, str(value)]
    return {**said, "value": "" if value is None else _short(words.value(value, part.type))}


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
