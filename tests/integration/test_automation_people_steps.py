"""The steps that have to do with people: telling them, giving them records and tasks."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from crm_app.automation.checks import check
from crm_app.automation.execution import execute_step
from crm_app.automation.messages import RunInput, StepInput
from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Forbidden, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.notifications import Notification, mark_read, my_notifications, unread_count
from crm_app.services.record_query import RecordQuery
from crm_app.services.territories import save_territory, set_members
from tests.builders import field, role_body
from tests.workflows.builders import WON, Automated, automation, deals_and_tasks
from tests.workflows.runs import won_run

Make = Callable[..., Automated]


def business(*steps: dict[str, Any]) -> Package:
    """Tasks are activities, and reps may hand deals over."""
    package = deals_and_tasks(automation("won", WON, *steps))
    task = next(each for each in package.objects if each.name == "task").canonical()
    both = {"objects": ["deal", "task"], "actions": ["read", "create", "edit", "delete", "transfer"]}
    hidden = [{"object": "deal", "field": "secret", "level": "none"}]
    return package.merged(
        load_package(
            {
                "objects": {"objects/task.json": {**task, "activity": {"when": "due", "done": "done"}}},
                "roles": {"roles/rep.json": role_body("rep", both, field_levels=hidden)},
            }
        )
    )


@pytest.fixture
def make(database_url: str) -> Iterator[Make]:
    made: list[Automated] = []

    def build(*steps: dict[str, Any]) -> Automated:
        crm = Automated(database_url)
        crm.publish(business(*steps))
        made.append(crm)
        return crm

    yield build
    for crm in made:
        crm.close()


def first(crm: Automated, run: RunInput) -> dict[str, Any]:
    assert run.blocks
    return execute_step(crm.workspace, StepInput(run.run, run.blocks[0], run.blocks[0].id)).output


def told(crm: Automated, person: UserActor) -> list[Notification]:
    with crm.work(person) as work:
        return my_notifications(work)


def problems(step: dict[str, Any]) -> list[str]:
    return [problem.path.removeprefix("automations/won/") for problem in check(business(step))]


SAID = {"title": "{{name}} at {{amount}}", "body": "{{secret}}{{stage}}"}
NOTIFY = {"id": "tell", "type": "notify", "to": "owner", **SAID}


def test_a_person_is_told_once_in_words_and_only_what_the_runner_may_see(make: Make) -> None:
    crm = make(NOTIFY)
    run = won_run(crm, amount="1500 USD")
    crm.update(RecordRef("deal", UUID(run.run.record)), {"secret": "hush"})
    assert first(crm, run) == first(crm, run) == {"count": 1}
    (one,) = told(crm, crm.rep)
    assert (one.title, one.body, one.source, one.is_read) == ("Acme at 1,500 USD", "Won", "Won", False)
    assert one.ref == RecordRef("deal", UUID(run.run.record))


def test_a_role_is_told_without_those_whose_account_is_closed(make: Make) -> None:
    crm = make({"id": "tell", "type": "notify", "role": "clerk"})
    clerks = [crm.user(name, role="clerk") for name in ("Carl", "Cora", "Cleo")]
    with crm.work() as work:
        work.connection.exec_driver_sql("UPDATE crm.app_user SET is_active = false WHERE name = 'Cleo'")
    assert first(crm, won_run(crm))["count"] == 2
    assert [[n.title for n in told(crm, clerk)] for clerk in clerks[:2]] == [["Won"], ["Won"]]


def test_nobody_reads_or_marks_the_notifications_of_another(make: Make) -> None:
    crm = make({**NOTIFY, "title": "x"})
    other = crm.user("Olga")
    first(crm, won_run(crm))
    (one,) = told(crm, crm.rep)
    with crm.work(other) as work:
        assert (my_notifications(work), unread_count(work), mark_read(work, [one.id]), mark_read(work)) == ([], 0, 0, 0)
    with crm.work(crm.rep) as work:
        assert unread_count(work) == 1
        assert (mark_read(work, [one.id]), unread_count(work)) == (1, 0)
    with crm.work() as work, pytest.raises(Forbidden):
        my_notifications(work)


def team(crm: Automated, *names: str) -> dict[UUID, str]:
    return {crm.user(name, team="North").user_id: name for name in names}


def owners(crm: Automated) -> list[UUID]:
    with crm.work() as work:
        found = work.connection.exec_driver_sql("SELECT owner FROM data.deal ORDER BY id")
        return [row.owner for row in found]


def test_records_go_round_a_team_exactly_once_each_whoever_runs_at_the_same_time(make: Make) -> None:
    crm = make({"id": "hand", "type": "assign", "team": "North"})
    people = team(crm, "Nina", "Nils", "Nora")
    runs = [won_run(crm) for _ in range(6)]
    with ThreadPoolExecutor(3) as threads:
        answers = [*threads.map(lambda run: first(crm, run), runs)]
        again = [*threads.map(lambda run: first(crm, run), runs)]
    assert answers == again
    found = owners(crm)
    assert {user: found.count(user) for user in people} == dict.fromkeys(people, 2)


def test_who_has_the_fewest_open_ones_is_next(make: Make) -> None:
    crm = make({"id": "hand", "type": "assign", "team": "North", "by": "least_open", "open": "stage != 'lost'"})
    people = team(crm, "Nina", "Nils")
    busy, idle = people
    crm.create("deal", crm.rep, name="open", stage="engaging", owner=str(busy))
    for _ in range(2):
        crm.create("deal", crm.rep, name="over", stage="lost", owner=str(idle))
    assert first(crm, won_run(crm))["user"] == str(idle)


def test_an_empty_team_can_take_nothing(make: Make) -> None:
    crm = make({"id": "hand", "type": "assign", "team": "North"})
    run = won_run(crm)
    with pytest.raises(NotFound, match="no team 'North'"):
        first(crm, run)
    crm.team("North")
    with pytest.raises(NotFound, match="nobody to assign to"):
        first(crm, run)


def test_a_task_is_made_in_the_object_of_activities_about_the_record(make: Make) -> None:
    crm = make({"id": "call", "type": "task", "subject": "Call {{name}}", "due": "today + P3D"})
    run = won_run(crm)
    task = crm.get(RecordRef("task", UUID(first(crm, run)["id"])))
    assert (task.name, str(task.values["deal"]), task.values["owner"]) == ("Call Acme", run.run.record, crm.rep.user_id)
    assert (task.values["due"] - task.values["created_at"].date()).days == 3
    assert crm.count(RecordQuery("task")) == 1


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ({"id": "a", "type": "notify"}, "steps/0/to"),
        ({**NOTIFY, "to": "name"}, "steps/0/to"),
        ({**NOTIFY, "role": "boss"}, "steps/0/role"),
        ({**NOTIFY, "title": "{{name}} {{nope}}"}, "steps/0/title/tag-1"),
        ({"id": "a", "type": "assign"}, "steps/0/team"),
        ({"id": "a", "type": "assign", "team": "North", "field": "name"}, "steps/0/field"),
        ({"id": "a", "type": "assign", "team": "North", "open": "nope"}, "steps/0/open"),
        ({"id": "a", "type": "task", "subject": "x", "object": "deal"}, "steps/0/object"),
        ({"id": "a", "type": "task", "subject": "x", "due": "name"}, "steps/0/due"),
        ({"id": "a", "type": "task", "subject": "x", "assignee": "id"}, "steps/0/assignee"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_their_place(step: dict[str, Any], place: str) -> None:
    assert problems(step) == [place]


def test_a_record_is_given_to_who_looks_after_its_territory_or_the_one_around(make: Make) -> None:
    crm = make({"id": "end", "type": "stop"})
    deal = next(each for each in business().objects if each.name == "deal").canonical()
    placed = {**deal, "fields": [*deal["fields"], field("region", "territory")]}
    step = {"id": "hand", "type": "assign", "territory": "region"}
    package = business(step).merged(load_package({"objects": {"objects/deal.json": placed}}))
    crm.publish(package)
    ann, ben = (crm.user(name) for name in ("Ann", "Ben"))
    with crm.work() as work:
        world = save_territory(work, "World")
        north = save_territory(work, "North", world)
        set_members(work, world, {person.user_id for person in (ann, ben)})
    chosen = [first(crm, won_run(crm, region=str(north)))["user"] for _ in range(3)]
    assert chosen == [str(ann.user_id), str(ben.user_id), str(ann.user_id)]
    with crm.work() as work:
        set_members(work, north, {ben.user_id})
    assert first(crm, won_run(crm, region=str(north)))["user"] == str(ben.user_id)
    with pytest.raises(NotFound, match="in no territory"):
        first(crm, won_run(crm))


def test_a_territory_to_assign_in_is_one() -> None:
    assert problems({"id": "hand", "type": "assign", "territory": "name"}) == ["steps/0/territory"]
    assert problems({"id": "hand", "type": "assign", "territory": "name", "team": "North"})[0] == "steps/0/team"
