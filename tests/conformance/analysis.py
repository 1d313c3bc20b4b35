"""ZEN's static-analysis cases, in its strict mode: the type of an expression, what it reads, and what is refused.

A field's type is that of the input; an expression in which ZEN finds an error is one that ours refuses.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from crm_app.fields.rule_type import BOOL, DATETIME, DECIMAL, TEXT, RuleType, list_of
from crm_app.rules.check import check
from crm_app.rules.errors import RuleError
from crm_app.rules.printer import print_rule
from crm_app.rules.rule import Rule
from crm_app.rules.tree import Name, walk
from tests.conformance import zen, zen_grammar
from tests.conformance.lowering import Lowering
from tests.conformance.runner import Outcome
from tests.conformance.source import Case, Typed, Unreadable, Untranslatable
from tests.conformance.world import CaseWorld, safe

_STRICT = replace(zen.DIALECT, knows_names=True)
_KINDS = {"Number": DECIMAL, "String": TEXT, "Bool": BOOL, "Date": DATETIME}
_FAMILIES = {"Number": {"int", "decimal"}, "String": {"text"}, "Bool": {"bool"}, "Date": {"date", "datetime"},
             "Null": {"null"}}  # fmt: skip


def outcomes(folder: Path) -> Iterator[Outcome]:
    for path in sorted(folder.glob("zen/analysis/*.toml")):
        for test in tomllib.loads(path.read_text())["test"]:
            yield _outcome(f"{path.stem}/{test['name']}", test)


def _outcome(name: str, test: Mapping[str, Any]) -> Outcome:
    strict = test["strict"]
    text = test["expression"]
    is_error = any(each["severity"] == "error" for each in strict.get("diagnostics", []))
    is_warned = bool(strict.get("diagnostics"))
    expected = json.loads(strict["return_type"]) if "return_type" in strict else "Any"
    case = Case("zen-analysis", name, text, expected, lambda: zen_grammar.parse(text))
    try:
        rule = _rule(case, json.loads(test.get("input", "{}")))
    except Untranslatable as error:
        return Outcome(case, "untranslatable", str(error))
    except (RuleError, Unreadable) as error:
        return Outcome(case, "refused" if is_error or is_warned else "failed", str(error))
    if is_error:
        return Outcome(case, "failed", f"{rule.type} instead of a refusal", rule)
    wrong = _wrong(rule, expected, test.get("reads", []))
    return Outcome(case, "failed" if wrong else "passed", wrong, rule)


def _rule(case: Case, given: Mapping[str, Any]) -> Rule:
    world = CaseWorld()
    described = given["Object"] if set(given) == {"Object"} else given
    inputs = {name: typed(each) if described is not given else each for name, each in described.items()}
    lowering = Lowering.of(_STRICT, world, inputs)
    value = lowering.as_value(lowering.lower(case.parse()))
    return check(print_rule(value.node), "case", world, expect=None, variables=world.variables)


def typed(described: Any, *, is_nullable: bool = False) -> Any:
    """A value of the described type: objects as they are, all else known by its type alone."""
    if isinstance(described, str):
        return None if described == "Null" else Typed(_kind(described, is_nullable=is_nullable))
    ((kind, inner),) = described.items()
    if kind in {"Const", "Enum"}:
        return typed("String", is_nullable=is_nullable)
    if kind == "Nullable":
        return typed(inner, is_nullable=True)
    if kind == "Object":
        return {name: typed(each, is_nullable=is_nullable) for name, each in inner.items()}
    element = typed(inner)
    if isinstance(element, dict):
        return [element]
    if not isinstance(element, Typed) or element.type.item is not None:
        raise Untranslatable("a list of mixed types, of lists or with null in it")
    return Typed(replace(list_of(element.type), nullable=is_nullable))


def _kind(name: str, *, is_nullable: bool) -> RuleType:
    if name not in _KINDS:
        raise Untranslatable("a value of no type that rules know")
    return replace(_KINDS[name], nullable=is_nullable)


def _wrong(rule: Rule, expected: Any, reads: list[Mapping[str, Any]]) -> str:
    if not is_of(rule.type, expected):
        return f"{rule.type}{' or null' if rule.type.nullable else ''} instead of {expected}"
    names = {node.name for node in walk(rule.tree) if isinstance(node, Name) and node.root in {"vars", "record"}}
    wanted = {safe("_".join(each["path"])) for each in reads}
    return "" if not reads or wanted == names else f"it reads {sorted(names)} instead of {sorted(wanted)}"


def is_of(found: RuleType, expected: Any) -> bool:
    if expected == "Any":
        return True
    if isinstance(expected, str):
        return found.kind in _FAMILIES.get(expected, ()) and (not found.nullable or expected == "Null")
    ((kind, inner),) = expected.items()
    if kind == "Nullable":
        return found.nullable and is_of(found.required(), inner)
    if kind == "Array":
        return found.kind == "list" and found.item is not None and is_of(found.item.required(), inner)
    return kind in {"Const", "Enum"} and found.kind == "text" and not found.nullable
