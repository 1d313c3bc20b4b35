"""Values are converted beside what is live: what is written meanwhile is converted too, and a publisher that fails or
dies leaves the old type, and nothing else.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from crm_app.definitions.package import Package
from crm_app.kernel.errors import Conflict
from crm_app.kernel.events import RecordRef
from crm_app.services import converting
from crm_app.services.converting import Converting
from crm_app.services.definitions import How, publish
from crm_app.services.index_keeper import IndexKeeper
from crm_app.services.rebase import SomebodyPublished
from crm_app.services.retyping import CannotConvert, retypings
from crm_app.services.workspace import Workspace
from crm_app.storage import conversion
from crm_app.storage.conversions import ConversionUnderWay, claim
from crm_app.storage.ddl import SMALL_TABLE
from crm_app.storage.engine import opened_to_records
from tests.builders import SYSTEM, Crm, field, object_body
from tests.integration.test_publish import objects

FIRST_STEPS = 3


@pytest.fixture
def crm(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    for module in (conversion, converting):
        monkeypatch.setattr(module, "PAGE", 4)
    monkeypatch.setattr(converting, "FEW", 0)
    crm = Crm(database_url)
    crm.publish(thing("text"))
    yield crm
    crm.close()


def thing(kind: str, *more: dict[str, Any], unique: bool = False) -> Package:
    return objects(object_body("thing", field("x", kind, unique=unique), *more))


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[int], object]) -> None:
    """Does something after each of the first steps, the first of which makes the new column."""
    beside, numbers = converting.steps_beside, iter(range(FIRST_STEPS))

    def steps_and_acts(*args: Any) -> Any:
        steps = beside(*args)

        @contextmanager
        def step_and_act() -> Generator[Any]:
            with steps() as step:
                yield step
            if (number := next(numbers, None)) is not None:
                act(number)

        return step_and_act

    monkeypatch.setattr(converting, "steps_beside", steps_and_acts)


def leftovers(crm: Crm) -> tuple[list[str], int, int]:
    """New columns, triggers, and what the system's tables remember."""
    with crm.work() as work:
        columns = work.connection.execute(
            text("SELECT column_name FROM information_schema.columns WHERE table_name = 'thing'")
        )
        triggers = text("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'conversion%'")
        rows = text("SELECT (SELECT count(*) FROM crm.conversion) + (SELECT count(*) FROM crm.conversion_news)")
        return (
            [name for (name,) in columns if "__v" in name],
            work.connection.execute(triggers).scalar_one(),
            work.connection.execute(rows).scalar_one(),
        )


def test_what_is_written_meanwhile_is_converted_too(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    old = [crm.create("thing", name=f"Old {index}", x=str(index)).ref for index in range(10)]
    new: list[RecordRef] = []

    def act(number: int) -> None:
        crm.update(old[0], {"x": f"10{number}"})
        crm.update(old[9], {"x": None})
        new.append(crm.create("thing", name="New", x=f"20{number}").ref)

    meanwhile(monkeypatch, act)
    crm.publish(thing("number"))
    assert [crm.get(ref).values["x"] for ref in old] == [102, *range(1, 9), None]
    assert [crm.get(ref).values["x"] for ref in new] == [200, 201, 202]
    assert leftovers(crm) == (["x__v2"], 0, 0)


def test_a_record_that_somebody_is_writing_to_is_converted_when_they_are_done(
    crm: Crm, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = crm.create("thing", name="One", x="1").ref
    other = Workspace.open(database_url, pool_size=1)
    with opened_to_records(other.engine.connect()) as writer:

        def act(number: int) -> None:
            if number == 0:
                writer.execute(text("SELECT FROM data.thing FOR UPDATE"))
            if number == FIRST_STEPS - 1:
                assert crm.get(ref).values["x"] == "1"
                writer.rollback()

        meanwhile(monkeypatch, act)
        crm.publish(thing("number"))
    other.close()
    assert crm.get(ref).values["x"] == 1


def test_what_can_not_be_converted_meanwhile_refuses_everything(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = crm.create("thing", name="Old", x="1").ref
    meanwhile(monkeypatch, lambda _number: crm.update(ref, {"x": "many"}))
    with pytest.raises(CannotConvert, match="1 value can't become number"):
        crm.publish(thing("number"))
    assert crm.get(ref).values["x"] == "many"
    assert leftovers(crm) == ([], 0, 0)


def die_before_the_end(crm: Crm) -> None:
    with crm.work() as work:
        before, after = work.schema.stored, work.schema.stored.merged(thing("number"))
        claim(work.connection)
        (found,) = retypings(before, after)
        Converting(work, found, set_empty=False).prepare()


def test_what_a_dead_publisher_left_goes_with_the_next_publication(crm: Crm) -> None:
    ref = crm.create("thing", name="One", x="1").ref
    die_before_the_end(crm)
    crm.update(ref, {"x": "2"})
    assert leftovers(crm)[1:] == (1, 2)
    crm.publish(thing("number"))
    assert crm.get(ref).values["x"] == 2
    assert leftovers(crm) == (["x__v2"], 0, 0)


def test_what_a_dead_publisher_left_is_removed_by_the_keeper(crm: Crm) -> None:
    die_before_the_end(crm)
    assert IndexKeeper(crm.workspace).keep_once().is_done
    assert leftovers(crm) == ([], 0, 0)


def test_nobody_cleans_up_behind_one_who_is_at_work(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.create("thing", name="One", x="1")
    meanwhile(monkeypatch, lambda _number: IndexKeeper(crm.workspace).keep_once())
    crm.publish(thing("number"))
    assert leftovers(crm)[0] == ["x__v2"]


def test_two_conversions_at_once_are_one_too_many(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.create("thing", name="One", x="1")
    refused: list[Conflict] = []

    def act(_number: int) -> None:
        with pytest.raises(ConversionUnderWay) as refusal:
            crm.publish(thing("number"))
        refused.append(refusal.value)

    meanwhile(monkeypatch, act)
    crm.publish(thing("number"))
    assert refused


def test_a_smaller_publication_may_be_quicker(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.create("thing", name="One", x="1")
    meanwhile(monkeypatch, lambda number: crm.publish(thing("text", field(f"more{number}"))))
    with pytest.raises(SomebodyPublished):
        crm.publish(thing("number"))
    crm.publish(thing("text"))
    assert leftovers(crm) == ([], 0, 0)


def test_one_who_has_read_the_table_converts_in_the_same_transaction(crm: Crm) -> None:
    ref = crm.create("thing", name="One", x="1").ref
    with crm.work() as work:
        work.connection.execute(text("SELECT count(*) FROM data.thing"))
        publish(work, thing("number"))
    assert crm.get(ref).values["x"] == 1
    assert leftovers(crm) == (["x__v2"], 0, 0)


def test_many_records_that_become_the_same_are_refused_where_they_must_differ(crm: Crm) -> None:
    crm.publish(thing("text", unique=True))
    with crm.workspace.work(SYSTEM) as work:
        work.connection.execute(
            text(
                "INSERT INTO data.thing (id, version, created_at, updated_at, name, x) SELECT gen_random_uuid(), 1, "
                "now(), now(), 'n', CASE n WHEN 1 THEN '2.0' ELSE n::text END FROM generate_series(1, :count) n"
            ),
            {"count": SMALL_TABLE + 5},
        )
    with pytest.raises(CannotConvert, match="the field is unique"):
        crm.publish(thing("number", unique=True))
    with crm.work() as work:
        work.connection.execute(text("DELETE FROM data.thing WHERE x = '2.0'"))
    with crm.work() as work:
        publish(work, thing("number", unique=True), (), How())
    assert leftovers(crm) == (["x__v2"], 0, 0)
