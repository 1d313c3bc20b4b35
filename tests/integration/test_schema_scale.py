"""Many objects and many fields cost those who use one of them nothing."""

import time
from collections.abc import Callable, Iterator

import pytest

from benchmarks.schema_scale import FIELDS, MANY_FIELDS, SMALL, WIDE, compared, seconds_of
from benchmarks.wide import ACTOR, FIRST, LISTS, filled, package_of, wide_object, wide_package
from crm_app.api.call import Call
from crm_app.api.openapi import read_document
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services.definitions import publish
from crm_app.services.records import create_record, get_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.ui.records.form_layout import new_form
from tests.databases import database

pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def wide_url(postgres_server: EmbeddedPostgres) -> Iterator[str]:
    with database(postgres_server) as url:
        yield url


@pytest.fixture(scope="module")
def wide(wide_url: str) -> Iterator[Workspace]:
    workspace = filled(wide_url, wide_package(WIDE, FIELDS))
    yield workspace
    workspace.close()


@pytest.mark.slow
def test_lists_of_a_workspace_of_200_objects_are_as_fast_as_of_one_with_5(wide: Workspace, database_url: str) -> None:
    small = filled(database_url, wide_package(SMALL, FIELDS))
    ratios = {label: min(_ratios(small, wide, LISTS[label])) for label in ("services", "API")}
    small.close()
    assert max(ratios.values()) < 1.2, ratios


def _ratios(small: Workspace, wide: Workspace, ask: Callable[[UnitOfWork], object]) -> Iterator[float]:
    """Several, because the cores are shared."""
    for _ in range(3):
        few, many = compared(small, wide, ask, rounds=30)
        yield min(many) / min(few)


def test_one_more_field_among_10_000_is_published_and_seen_everywhere_within_2_seconds(
    wide: Workspace, wide_url: str
) -> None:
    other = Workspace.open(wide_url, pool_size=1)
    with other.work(ACTOR) as work:
        assert len(work.catalog.objects) == WIDE
    started = time.perf_counter()
    with wide.work(ACTOR) as work:
        publish(work, package_of(wide_object(1, FIELDS + 1, WIDE)))
    with other.work(ACTOR) as work:
        assert create_record(work, "o001", {"name": "x", "f050": "a@example.com"}).values["name"] == "x"
    assert time.perf_counter() - started < 2
    other.close()


def test_an_object_has_500_fields(wide: Workspace) -> None:
    with wide.work(ACTOR) as work:
        publish(work, package_of(wide_object(2, MANY_FIELDS, WIDE)))
    with wide.work(ACTOR) as work:
        values = {"name": "Wide", **{f"f{number:03}": number for number in range(1, MANY_FIELDS, 10)}}
        record = create_record(work, "o002", values)
    with wide.work(ACTOR) as work:
        assert get_record(work, record.ref).values["f491"] == 491
        form = new_form(work, "o002", {})
        assert sum(len(section["fields"]) for tab in form.tabs for section in tab["sections"]) >= MANY_FIELDS - 1


def test_the_api_describes_10_000_fields_in_seconds(wide: Workspace) -> None:
    with wide.work(ACTOR) as work:
        assert seconds_of(lambda: read_document(work, Call({"object": FIRST}, b"", {}))) < 5
