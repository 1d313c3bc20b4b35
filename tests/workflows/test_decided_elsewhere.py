"""A race is decided once, also where the execution that asks is one that Temporal had taken for lost."""

from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.workflows.builders import Automated
from tests.workflows.reference import Reference
from tests.workflows.test_reference import ITEMS, MADE, NONE, UNDONE, Bench, Crashes, Tree, numbered, opened, paths_of

RACE: Tree = [
    {"type": "parallel", "until": "race", "branches": [{"steps": [UNDONE] * 4}, {"steps": [MADE] * 4}]},
    MADE,
]
DECIDED = text(
    "INSERT INTO crm.effect (run, path, iteration, output, at) "
    "VALUES (:run, 'b0', 0, '{\"branch\": 1, \"failed\": false}', now())"
)


@pytest.mark.parametrize("moment", [1, 2, 3])
def test_a_step_that_another_executions_decision_refuses_ends_its_branch_alone(
    database_url: str, temporal_address: str, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    plain = Bench._crashing

    @contextmanager
    def deciding(bench: Bench, run: str) -> Generator[None]:
        with plain(bench, run):
            yield
        if bench.crashes[run].count == moment:
            with bench.crm.work() as work:
                work.connection.execute(DECIDED, {"run": UUID(run)})

    monkeypatch.setattr(Bench, "_crashing", deciding)
    crm = Automated(database_url)
    deal = crm.create("deal", crm.rep, name="Acme", stage="engaging")
    with opened(crm, deal.ref, temporal_address) as bench:
        named = numbered(RACE)
        status, is_off, seen = bench.run(named, Crashes(NONE, NONE, NONE, 0, is_late=False))
        outcome, expected = Reference(seen, ITEMS, called_off=is_off).run(named)
    crm.close()
    assert (status, outcome) == ("finished", "finished")
    assert sorted(paths_of(expected)) == sorted(seen.at)
