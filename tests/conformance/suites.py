"""The three suites, and what became of each of their cases."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from crm_app.runtime.data_dir import CHECKOUT
from tests.conformance import analysis, cel, tck, zen
from tests.conformance.lowering import Dialect
from tests.conformance.runner import Outcome, Same, run
from tests.conformance.source import Case

FOLDER = CHECKOUT.parent / "shared" / "conformance"
DIVERGENCE = Path(__file__).with_name("expected_divergence.json")
_Outcomes = Callable[[Path], Iterator[Outcome]]


@dataclass(frozen=True)
class Suite:
    """`aim` is the part of what can be translated that should pass, in percent."""

    name: str
    aim: int
    outcomes: Callable[[Path], Iterator[Outcome]]


def _answered(cases: Callable[[Path], Iterator[Case]], dialect: Dialect, same: Same) -> _Outcomes:
    return lambda folder: (run(case, dialect, same) for case in cases(folder))


SUITES = (
    Suite("zen", 95, _answered(zen.cases, zen.DIALECT, zen.same)),
    Suite("zen-analysis", 0, analysis.outcomes),
    Suite("tck", 85, _answered(tck.cases, tck.DIALECT, tck.same)),
    Suite("cel", 85, _answered(cel.cases, cel.DIALECT, cel.same)),
)


@dataclass(frozen=True)
class Result:
    suite: Suite
    outcomes: Sequence[Outcome]

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(outcome.status for outcome in self.outcomes)

    @property
    def translatable(self) -> int:
        return len(self.outcomes) - self.counts["untranslatable"]

    @property
    def right(self) -> int:
        return self.counts["passed"] + self.counts["refused"]

    @property
    def rate(self) -> float:
        return 100 * self.right / max(1, self.translatable)

    @property
    def rate_of_values(self) -> float:
        """Of the cases that give a value rather than an error."""
        return 100 * self.counts["passed"] / max(1, self.translatable - self.counts["refused"])

    @property
    def rate_of_all(self) -> float:
        return 100 * self.right / max(1, len(self.outcomes))

    def reasons(self) -> Counter[str]:
        """Why cases have no counterpart in rules."""
        return Counter(outcome.reason for outcome in self.outcomes if outcome.status == "untranslatable")

    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.status == "failed"]


def results(folder: Path = FOLDER) -> list[Result]:
    return [Result(suite, list(suite.outcomes(folder))) for suite in SUITES]


def expected_divergence() -> dict[str, dict[str, list[str]]]:
    """By suite and reason, the names of the cases that a rule answers differently, on purpose."""
    found: dict[str, dict[str, list[str]]] = json.loads(DIVERGENCE.read_text())
    return found


def surprises(found: Sequence[Result]) -> list[str]:
    """What fails and isn't listed, and what is listed and doesn't fail."""
    listed = expected_divergence()
    told: list[str] = []
    for result in found:
        names = {name for each in listed.get(result.suite.name, {}).values() for name in each}
        failed = {outcome.case.name: outcome for outcome in result.failed()}
        told += [f"{failed[name].key}: {failed[name].reason}" for name in sorted(failed.keys() - names)]
        told += [f"{result.suite.name} {name} is listed but does not differ" for name in sorted(names - failed.keys())]
    return told


def is_there(folder: Path = FOLDER) -> bool:
    return folder.is_dir()
