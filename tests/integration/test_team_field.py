"""Teams as records point at them."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from crm_app.definitions.load import load_package
from crm_app.kernel.errors import Invalid
from crm_app.services.lists import search_names
from crm_app.services.record_query import Condition, RecordQuery, Sort
from tests.builders import Crm, field, object_body


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    case = object_body("case", field("team", "team"), field("title"))
    crm = Crm(database_url, load_package({"objects": {"objects/case.json": case}}))
    yield crm
    crm.close()


def test_a_record_points_at_a_team_and_shows_its_name(crm: Crm) -> None:
    north = crm.team("North")
    case = crm.create("case", name="A", team=str(north))
    assert crm.get(case.ref).references["team"].name == "North"
    with pytest.raises(Invalid) as refused:
        crm.create("case", name="B", team=str(uuid4()))
    assert [problem.path for problem in refused.value.problems] == ["team"]


def test_teams_are_found_filtered_and_followed_by_rules(crm: Crm) -> None:
    north, south = crm.team("North"), crm.team("South")
    crm.create("case", name="A", team=str(north))
    crm.create("case", name="B", team=str(south))
    rep = crm.user("Rep", role="admin", team="North")
    assert crm.names(RecordQuery("case", (Condition("team", "eq", str(north)),)), rep) == ["A"]
    assert crm.names(RecordQuery("case", rule="team.name = 'South'"), rep) == ["B"]
    assert crm.names(RecordQuery("case", sort=(Sort("team"),)), rep) == ["A", "B"]
    with crm.work(rep) as work:
        assert [found.name for found in search_names(work, "team", "nor")] == ["North"]


def test_no_object_takes_the_name_of_teams(crm: Crm) -> None:
    with pytest.raises(Invalid) as refused:
        crm.publish(load_package({"objects": {"objects/team.json": object_body("team")}}))
    assert any(problem.path == "objects/team" for problem in refused.value.problems)
