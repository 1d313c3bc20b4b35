"""Which lists are slow is remembered without their values, and what would serve them is said."""

from collections.abc import Iterator

import pytest

from crm_app.kernel.errors import Forbidden
from crm_app.services import indexes, slow_lists
from crm_app.services.indexes import SlowListInfo
from crm_app.services.lists import count_records
from crm_app.services.record_query import Condition, RecordQuery, Sort
from tests.builders import Crm


@pytest.fixture
def crm(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    monkeypatch.setattr(slow_lists, "SLOW_MS", 0)
    monkeypatch.setattr(slow_lists, "WRITE_SECONDS", 3_600)
    crm = Crm(database_url)
    yield crm
    crm.close()


def slow(crm: Crm) -> list[SlowListInfo]:
    crm.workspace.tools.slow_lists.write()
    with crm.work() as work:
        return indexes.slow(work)


def test_a_slow_list_is_known_by_its_fields_and_never_by_its_values(crm: Crm) -> None:
    for city in ("Oslo", "Rome"):
        crm.names(RecordQuery("company", rule=f"city = '{city}' and parent.city is not empty"))
    (found,) = slow(crm)
    assert (found.filters, found.sorts) == (("City =", "Parent → city is not empty"), ("Created",))
    assert found.slow.count == 2
    assert found.slow.median_ms <= found.slow.worst_ms
    assert found.advice == "No index serves it. Mark the field City as indexed."


def test_times_add_up_over_writes_and_counts_are_lists_too(crm: Crm) -> None:
    query = RecordQuery("deal", conditions=(Condition("secret", "contains", "x"),))
    crm.names(query)
    assert slow(crm)[0].slow.count == 1
    with crm.work() as work:
        count_records(work, query)
    (found,) = slow(crm)
    assert found.slow.count == 2
    assert found.advice == "No index serves it. Mark the field Secret as searchable."


def test_what_a_list_needs_is_said(crm: Crm) -> None:
    crm.names(RecordQuery("deal", rule="amount > 5 USD and stage != 'won'", sort=(Sort("close_date"),)))
    (found,) = slow(crm)
    assert found.advice == (
        "No index serves it. Mark the field Amount as indexed. "
        "Or: Make a view of Deals sorted by Close date filtered by Stage."
    )


def test_a_list_that_an_index_serves_says_so(crm: Crm) -> None:
    crm.names(RecordQuery("deal", rule="stage = 'won'"))
    crm.names(RecordQuery("company", search="acme"))
    served = {found.object: found for found in slow(crm)}
    assert ("Stage", "Created") in served["Deals"].serving
    assert served["Companys"].serving == (("Name",),)
    assert served["Deals"].advice.startswith("An index serves it")


def test_lists_of_people_who_see_only_some_records_name_their_scope(crm: Crm) -> None:
    rep = crm.user("Ann", team="north")
    crm.names(RecordQuery("deal"), rep)
    (found,) = slow(crm)
    assert found.filters == ("Owner in",)
    with crm.work(rep) as work, pytest.raises(Forbidden):
        indexes.slow(work)


def test_memory_and_table_are_bounded(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_lists, "MAX_SHAPES", 3)
    monkeypatch.setattr(slow_lists, "MAX_KEPT", 2)
    for operator in ("=", "!=", "<", "<=", ">"):
        crm.names(RecordQuery("company", rule=f"city {operator} 'x'"))
    assert len(slow(crm)) == 2


def test_every_index_is_shown_with_its_state_and_only_to_administrators(crm: Crm) -> None:
    with crm.work() as work:
        work.connection.exec_driver_sql("CREATE INDEX stray ON data.deal (version)")
        found = {info.name: info for info in indexes.indexes(work)}
    assert found["stray"].state == "leaving"
    assert {info.state for info in found.values()} == {"ready", "leaving"}
    assert all(info.reasons and info.size_bytes > 0 for info in found.values())
    with crm.work(crm.user("Bo")) as work, pytest.raises(Forbidden):
        indexes.indexes(work)
