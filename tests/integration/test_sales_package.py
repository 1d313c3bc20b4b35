"""The sales package, installed as a customer gets it."""

from collections.abc import Iterator

import pytest

from crm_app.kernel.actor import SystemActor
from crm_app.services.definitions import plan
from crm_app.services.lists import list_records
from crm_app.services.packages import read_package, shipped_package
from crm_app.services.prepare import prepare_workspace
from crm_app.services.record_query import RecordQuery, Sort
from crm_app.services.workspace import Workspace

SYSTEM = SystemActor("test")


@pytest.fixture
def workspace(database_url: str) -> Iterator[Workspace]:
    found = Workspace.open(database_url, pool_size=2)
    prepare_workspace(found)
    yield found
    found.close()


def test_installing_it_twice_changes_nothing(workspace: Workspace) -> None:
    with workspace.work(SYSTEM) as work:
        assert plan(work, read_package(shipped_package("sales"))) == []


def test_it_brings_a_pipeline_of_four_stages(workspace: Workspace) -> None:
    with workspace.work(SYSTEM) as work:
        pipeline = work.definition("deal").pipeline
    assert pipeline is not None
    assert [(stage.name, stage.kind) for stage in pipeline.stages] == [
        ("prospecting", "open"),
        ("engaging", "open"),
        ("won", "won"),
        ("lost", "lost"),
    ]


def test_every_view_can_be_read(workspace: Workspace) -> None:
    with workspace.work(SYSTEM) as work:
        for view in work.catalog.views:
            sorts = tuple(Sort(each.field, each.descending) for each in view.sort)
            page = list_records(work, RecordQuery(view.object, rule=view.filter, sort=sorts, fields=view.fields))
            assert page.records == ()
