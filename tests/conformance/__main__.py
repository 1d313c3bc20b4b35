"""`python -m tests.conformance`: other rule languages' public cases, taken through a translator to rules of ours.

A case is translatable unless it uses what rules lack on purpose (functions and objects as values, lists that are
computed, …); why it isn't is counted. Refused are cases in which the other language errs when it runs and ours
refuses the rule before it is saved.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from sqlalchemy import create_engine

from crm_app.runtime import postgres, process
from tests.conformance import suites
from tests.conformance.sql import differences
from tests.conformance.suites import FOLDER, Result


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where zen/, tck/ and cel/ are")
    parser.add_argument("--reasons", type=int, default=12, help="how many reasons to show per suite")
    parser.add_argument("--failed", action="store_true", help="list the cases that fail, with their rules")
    parser.add_argument("--python-only", action="store_true", help="leave PostgreSQL out")
    arguments = parser.parse_args()
    if not suites.is_there(arguments.folder):
        _say(f"There is nothing to read: no {arguments.folder.name} folder beside the checkout.")
        return 0
    found = suites.results(arguments.folder)
    for result in found:
        _tell(result, arguments.reasons)
        if arguments.failed:
            _tell_failed(result)
    told = suites.surprises(found) if arguments.folder == FOLDER else []
    told += [] if arguments.python_only else _asked_of_postgresql(found)
    for line in told:
        _say(f"! {line}")
    return 1 if told else 0


def _tell(result: Result, most: int) -> None:
    counts, all_cases = result.counts, len(result.outcomes)
    _say(
        f"{result.suite.name}: {all_cases} cases, {result.translatable} translatable, "
        f"{counts['passed']} passed, {counts['refused']} refused as they should be, {counts['failed']} failed: "
        f"{result.rate:.1f} % of what is translatable (aim {result.suite.aim} %), "
        f"{result.rate_of_values:.1f} % without the refusals, {result.rate_of_all:.1f} % of the whole"
    )
    for reason, count in result.reasons().most_common(most):
        _say(f"  {count:5} {reason}")


def _tell_failed(result: Result) -> None:
    for outcome in result.failed():
        rule = outcome.rule.text if outcome.rule is not None else "no rule"
        _say(f"  - {outcome.case.name}: {outcome.case.text[:120]}\n      {rule[:160]}\n      {outcome.reason[:200]}")


def _asked_of_postgresql(found: list[Result]) -> list[str]:
    """On a server of its own, stopped afterwards."""
    with tempfile.TemporaryDirectory(prefix="trellis-conformance-", ignore_cleanup_errors=True) as folder:
        server, _ = postgres.prepare(Path(folder), is_for_tests=True)
        child = postgres.start(server, Path(folder) / "logs")
        try:
            postgres.wait_until_ready(server, child)
            engine = create_engine(server.owner_url_of("postgres").replace("postgresql://", "postgresql+psycopg://"))
            with engine.connect() as connection:
                asked, told = differences([each for result in found for each in result.outcomes], connection)
            engine.dispose()
        finally:
            process.stop(child, timeout_seconds=10)
    _say(f"PostgreSQL was asked {asked} of these rules and said something else than Python in {len(told)}.")
    return told


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
