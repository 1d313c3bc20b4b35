"""Numbers that the product gives: to every record, by whatever way it comes, and never one of them twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import text

from crm_app.definitions.load import load_package
from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid
from crm_app.kernel.ids import new_id
from crm_app.services.lists import list_records
from crm_app.services.past_records import Moment, PastRecord, add_past_records
from crm_app.services.record_query import Condition, RecordQuery, Sort
from crm_app.services.records import create_records
from crm_app.storage import numbering
from tests.builders import SYSTEM, Crm, field, object_body

NUMBER = {"prefix": "INV-", "digits": 4}


def invoices(**config: Any) -> Any:
    fields = [field("number", "auto_number", config={**NUMBER, **config}), field("amount", "number")]
    return load_package({"objects": {"objects/invoice.json": object_body("invoice", *fields)}})


def numbers(crm: Crm) -> list[str]:
    with crm.work() as work:
        found = list_records(work, RecordQuery("invoice", sort=(Sort("number"),), limit=200)).records
    return [record.values["number"] for record in found]


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, invoices())
    yield crm
    crm.close()


def test_one_record_many_and_past_ones_all_get_a_number(crm: Crm) -> None:
    assert crm.create("invoice", name="a").values["number"] == "INV-0001"
    with crm.work() as work:
        made = create_records(work, "invoice", [{"name": "b"}, {"name": "c"}])
        moment = Moment(clock.now() - timedelta(days=1), work.who, {"name": "d"})
        add_past_records(work, "invoice", [PastRecord(new_id(), [moment])])
    assert [record.values["number"] for record in made] == ["INV-0002", "INV-0003"]
    assert numbers(crm) == ["INV-0001", "INV-0002", "INV-0003", "INV-0004"]
    with crm.work() as work:
        page = list_records(work, RecordQuery("invoice", (Condition("number", "eq", "INV-0003"),)))
    assert [record.name for record in page.records] == ["c"]


def test_nobody_sets_or_changes_a_number(crm: Crm) -> None:
    boss = crm.user("Boss", role="admin")
    for actor in (SYSTEM, boss):
        with pytest.raises(Invalid) as refused:
            crm.create("invoice", actor, name="a", number="INV-9999")
        assert [problem.path for problem in refused.value.problems] == ["number"]
    invoice = crm.create("invoice", name="a")
    with pytest.raises(Invalid):
        crm.update(invoice.ref, {"number": "INV-9999"}, boss)
    assert numbers(crm) == ["INV-0001"]


def test_many_at_once_never_get_one_number_twice(crm: Crm) -> None:
    def create(_worker: int) -> list[str]:
        found: list[str] = []
        for _ in range(5):
            with crm.work() as work:
                made = create_records(work, "invoice", [{"name": "a"}] * 7)
            found += [record.values["number"] for record in made]
        return found

    with ThreadPoolExecutor(4) as pool:
        given = list(chain.from_iterable(pool.map(create, range(4))))
    assert len(set(given)) == len(given) == 4 * 5 * 7


def _create_and_fail(crm: Crm) -> None:
    with crm.work() as work:
        create_records(work, "invoice", [{"name": "a"}])
        raise RuntimeError


def test_a_creation_that_fails_leaves_a_gap_and_no_repetition(crm: Crm) -> None:
    with pytest.raises(RuntimeError):
        _create_and_fail(crm)
    assert crm.create("invoice", name="b").values["number"] == "INV-0002"


def test_a_number_outgrows_its_digits_and_follows_a_new_prefix(crm: Crm) -> None:
    crm.create("invoice", name="a")
    with crm.work() as work:
        work.connection.execute(text("SELECT setval('data.invoice__number__sequence', 9999)"))
    crm.publish(invoices(prefix="R/"))
    assert crm.create("invoice", name="b").values["number"] == "R/10000"
    assert numbers(crm) == ["INV-0001", "R/10000"]


def test_records_from_before_are_numbered_in_the_order_of_their_creation(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbering, "BATCH", 150)
    plain = load_package({"objects": {"objects/invoice.json": object_body("invoice", field("amount", "number"))}})
    crm = Crm(database_url, plain)
    try:
        with crm.work() as work:
            create_records(work, "invoice", [{"name": f"{n:04d}"} for n in range(500)])
        crm.publish(invoices())
        with crm.work() as work:
            found = list_records(work, RecordQuery("invoice", sort=(Sort("name"),), limit=200)).records
        assert [r.values["number"] for r in found] == [f"INV-{n:04d}" for n in range(1, 201)]
        assert crm.create("invoice", name="new").values["number"] == "INV-0501"
    finally:
        crm.close()


def test_whoever_still_writes_by_an_earlier_version_gives_numbers_too(crm: Crm) -> None:
    with crm.work() as work:
        work.connection.execute(
            text(
                "INSERT INTO data.invoice (id, version, created_at, updated_at, name) "
                "VALUES (gen_random_uuid(), 1, now(), now(), 'old')"
            )
        )
    crm.create("invoice", name="new")
    assert numbers(crm) == ["INV-0001", "INV-0002"]
