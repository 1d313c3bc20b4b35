"""`python -m benchmarks.rules`: one condition, compiled once and asked of many records, by this product's rules, by
other languages and by hand. The others are installed with
`.venv/bin/uv pip install --require-hashes -r requirements-benchmarks.lock`; what is missing is left out.
"""

import importlib
import json
import timeit
from collections.abc import Callable, Mapping
from decimal import Decimal
from importlib.util import find_spec
from typing import Any
from uuid import UUID

from crm_app.fields.rule_type import DECIMAL, TEXT, RuleType, ref
from crm_app.rules.check import check
from crm_app.rules.inputs import Inputs
from crm_app.rules.python import compile_rule
from crm_app.rules.rule import Rule
from crm_app.rules.scope import FieldInfo

RULE = "amount > 10000 and stage = 'won' and owner.region = 'EU'"
LONG = (
    "if stage = 'won' then amount >= 5000 and owner.region in ['EU', 'US'] "
    "else close_date between today and today + P30D "
    "and lower(trim(name)) starts with 'acme' and not (owner.region is empty or amount * 2 > 100000)"
)
RECORDS = 64
REPEATS = 25
Ask = Callable[[], list[Any]]
_STAGE = RuleType("enum", object="deal", field="stage", options=("new", "won", "lost"))
_TYPES = {
    "deal": {"amount": DECIMAL, "stage": _STAGE, "owner": ref("user"), "name": TEXT, "close_date": RuleType("date")},
    "user": {"region": TEXT},
}
_PEOPLE: dict[UUID, dict[str, Any]] = {
    UUID(int=number): {"region": region} for number, region in enumerate(("EU", "US", "EU", "APAC"))
}
_DEALS: list[dict[str, Any]] = [
    {"amount": Decimal(5000 + number * 900), "stage": ("won", "new", "won")[number % 3], "owner": UUID(int=number % 4)}
    for number in range(RECORDS)
]
# The others take a whole document; it is made beforehand, as it is theirs to read.
_DOCUMENTS = [
    {"amount": float(deal["amount"]), "stage": deal["stage"], "owner": {"region": _PEOPLE[deal["owner"]]["region"]}}
    for deal in _DEALS
]


class _Scope:
    def fields(self, object: str, /) -> Mapping[str, FieldInfo] | None:  # noqa: A002 - the product's word
        types = _TYPES.get(object)
        return None if types is None else {name: FieldInfo(name, each) for name, each in types.items()}


def deal_rule(text: str) -> Rule:
    return check(text, "deal", _Scope())


def _follow(_object: str, identifier: UUID) -> Mapping[str, Any] | None:
    return _PEOPLE.get(identifier)


def _by_hand(deal: Mapping[str, Any]) -> bool:
    return bool(deal["amount"] > 10000 and deal["stage"] == "won" and _PEOPLE[deal["owner"]]["region"] == "EU")


def _ours() -> tuple[Ask, Ask]:
    """With the inputs at hand, as the others have their documents, and with inputs made for each record."""
    compiled = compile_rule(deal_rule(RULE))
    inputs = [Inputs(record=deal, follow=_follow) for deal in _DEALS]
    return (
        lambda: [compiled(each) for each in inputs],
        lambda: [compiled(Inputs(record=deal, follow=_follow)) for deal in _DEALS],
    )


def _zen(module: Any) -> Ask:
    compiled = module.compile_expression(RULE.replace(" = ", " == "))
    return lambda: [compiled.evaluate(document) for document in _DOCUMENTS]


def _rule_engine(module: Any) -> Ask:
    compiled = module.Rule(RULE.replace(" = ", " == "))
    return lambda: [compiled.matches(document) for document in _DOCUMENTS]


def _cel(module: Any) -> Ask:
    environment = module.Environment()
    text = RULE.replace(" = ", " == ").replace(" and ", " && ").replace("10000", "10000.0")
    compiled = environment.program(environment.compile(text))
    read = importlib.import_module("celpy.adapter").json_to_cel
    documents = [read(document) for document in _DOCUMENTS]
    return lambda: [compiled.evaluate(document) for document in documents]


_OTHERS: dict[str, tuple[str, Callable[[Any], Ask]]] = {
    "zen-engine": ("zen", _zen),
    "rule-engine": ("rule_engine", _rule_engine),
    "cel-python": ("celpy", _cel),
}


def contestants() -> dict[str, Ask]:
    ready, made = _ours()
    found: dict[str, Ask] = {
        "by hand": lambda: [_by_hand(deal) for deal in _DEALS],
        "rules": ready,
        "rules, inputs made": made,
    }
    for name, (module, make) in _OTHERS.items():
        if find_spec(module) is not None:
            found[name] = make(importlib.import_module(module))
    return found


def measure_rules() -> dict[str, Any]:
    """Microseconds for one record, the best of many runs taken in turn, and milliseconds for a check."""
    asked = contestants()
    wanted = asked["by hand"]()
    for name, ask in asked.items():
        assert [bool(answer) for answer in ask()] == wanted, name
    times = dict.fromkeys(asked, float("inf"))
    for _ in range(REPEATS):
        for name, ask in asked.items():
            number = 1 if name in {"cel-python", "rule-engine"} else 50
            times[name] = min(times[name], timeit.timeit(ask, number=number) / number / RECORDS * 1e6)
    checked = {name: round(_check_ms(text), 3) for name, text in (("this rule", RULE), ("a long one", LONG))}
    return {
        "rule": RULE,
        "microseconds": {name: round(each, 3) for name, each in times.items()},
        "check_ms": checked,
        "left_out": [name for name in _OTHERS if name not in asked],
    }


def _check_ms(text: str) -> float:
    return min(timeit.repeat(lambda: deal_rule(text), number=5, repeat=REPEATS)) / 5 * 1000


if __name__ == "__main__":
    print(json.dumps(measure_rules(), indent=1))
