"""Takes a case through our language: translated, checked, evaluated in Python and in PostgreSQL, compared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crm_app.rules.check import check
from crm_app.rules.errors import RuleError
from crm_app.rules.inputs import Inputs
from crm_app.rules.limits import MAX_BYTES
from crm_app.rules.printer import print_rule
from crm_app.rules.python import compile_rule
from crm_app.rules.rule import Rule
from crm_app.rules.tree import Name, walk
from tests.conformance.lowering import Dialect, Lowering
from tests.conformance.source import ERROR, Case, Months, Unreadable, Untranslatable
from tests.conformance.values import Part, Things
from tests.conformance.world import CaseWorld

TOLERANCE = Decimal("1e-8")
_LIMITS = ("A rule nests", "A rule has at most", "At most", "A path follows")
Same = Callable[[Any, Any], bool | None]


@dataclass
class Outcome:
    """`status` is passed, refused (as the other language errs), failed or untranslatable."""

    case: Case
    status: str
    reason: str = ""
    rule: Rule | None = None
    inputs: Inputs | None = None
    value: Any = None

    @property
    def key(self) -> str:
        return f"{self.case.suite} {self.case.name}"

    @property
    def is_plain(self) -> bool:
        """Whether it needs no record, so that a bare SELECT can answer it."""
        return (
            self.rule is not None
            and self.inputs is not None
            and not any(
                isinstance(node, Name) and node.root == "record" and node.level == 0 for node in walk(self.rule.tree)
            )
        )


def run(case: Case, dialect: Dialect, same: Same) -> Outcome:
    try:
        source = case.parse()
        world = CaseWorld()
        lowering = Lowering.of(dialect, world, case.inputs)
        return _answered(case, case.expected, lowering.lower(source), lowering, same)
    except Untranslatable as error:
        return Outcome(case, "untranslatable", str(error))
    except Unreadable as error:
        return _refused(case, str(error)) if case.expected is ERROR else Outcome(case, "failed", f"unread: {error}")
    except RuleError as error:
        return _refused(case, error.message)
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError, AssertionError) as error:
        return Outcome(case, "failed", f"the translator: {type(error).__name__} {error}")


def _answered(case: Case, expected: Any, part: Part, lowering: Lowering, same: Same) -> Outcome:
    """An object is each of its entries, as a record is each of its formulas."""
    if isinstance(part, Things) and isinstance(expected, Mapping):
        return _entries(case, expected, part, lowering, same)
    if isinstance(expected, Mapping):
        raise Untranslatable("an object as a value")
    value = lowering.as_value(part)
    text = print_rule(value.node)
    if len(text.encode()) > MAX_BYTES:
        raise Untranslatable("it expands into more than a rule may hold")
    rule = check(text, "case", lowering.world, expect=None, variables=lowering.world.variables)
    inputs = lowering.world.inputs(next(iter(lowering.budget.zones), ""))
    found = compile_rule(rule)(inputs)
    shown: Any = Months(int(found)) if value.tag == "months" and found is not None else found
    is_right = agrees(expected, shown, same)
    reason = "" if is_right else f"{shown!r} instead of {'an error' if expected is ERROR else repr(expected)}"
    return Outcome(case, "passed" if is_right else "failed", reason, rule, inputs, found)


def _entries(case: Case, expected: Mapping[str, Any], part: Things, lowering: Lowering, same: Same) -> Outcome:
    if set(part.entries) != set(expected):
        return Outcome(case, "failed", f"entries {sorted(part.entries)} instead of {sorted(expected)}")
    outcome = Outcome(case, "passed")
    for name, entry in part.entries.items():
        try:
            outcome = _answered(case, expected[name], entry(), lowering, same)
        except RuleError as error:
            outcome = Outcome(case, "passed" if expected[name] is None else "failed", error.message)
        if outcome.status != "passed":
            return outcome
    return outcome


def _refused(case: Case, message: str) -> Outcome:
    """Where the other language errs when it runs, ours refuses before anything is saved."""
    if message.startswith(_LIMITS):
        return Outcome(case, "untranslatable", "it expands into more than a rule may hold")
    is_error = case.expected is ERROR or case.is_null_error
    if case.is_unchecked and not is_error:
        return Outcome(case, "untranslatable", "run although its own check refuses it")
    return Outcome(case, "refused" if is_error else "failed", message)


def agrees(expected: Any, found: Any, same: Same) -> bool:
    if expected is ERROR:
        return found is None
    special = same(expected, found)
    return is_equal(expected, found, same) if special is None else special


def is_equal(expected: Any, found: Any, same: Same) -> bool:
    if isinstance(expected, list) and isinstance(found, (list, tuple)):
        return len(expected) == len(found) and all(
            is_equal(first, second, same) if same(first, second) is None else bool(same(first, second))
            for first, second in zip(expected, found, strict=True)
        )
    if isinstance(expected, bool) or isinstance(found, bool) or expected is None or found is None:
        return expected is found
    if isinstance(expected, (int, Decimal)) and isinstance(found, (int, Decimal)):
        gap = abs(Decimal(expected) - Decimal(found))
        return gap <= TOLERANCE * max(1, abs(Decimal(expected)))
    if isinstance(expected, datetime) is not isinstance(found, datetime) and isinstance(expected, date):
        return False
    return bool(expected == found)
