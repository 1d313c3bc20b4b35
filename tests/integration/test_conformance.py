"""Public cases of other rule languages. They are not part of the project; CI has them beside it (see
`python -m tests.conformance`).
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine

from tests.conformance import suites
from tests.conformance.sql import differences
from tests.conformance.suites import Result


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return suites.results()


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def test_a_case_differs_only_where_a_reason_is_written_down(results: list[Result]) -> None:
    assert suites.surprises(results) == []


def test_most_of_what_can_be_translated_has_the_same_answer(results: list[Result]) -> None:
    below = {result.suite.name: result.rate for result in results if result.rate < result.suite.aim}
    assert below == {}
    assert [result.suite.name for result in results if result.outcomes] == ["zen", "zen-analysis", "tck", "cel"]


def test_postgresql_says_the_same(results: list[Result], connection: Connection) -> None:
    asked, told = differences([outcome for result in results for outcome in result.outcomes], connection)
    assert told == []
    assert asked > 0
