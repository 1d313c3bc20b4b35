"""A run does what its runner and whoever published it both may, looked at again at each step."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from crm_app.access.visible import EVERYONE
from crm_app.automation.execution import execute_step
from crm_app.automation.messages import RunInput, StepInput
from crm_app.automation.report import around
from crm_app.automation.report_rights import right_findings
from crm_app.definitions.load import load_package
from crm_app.kernel.actor import AutomationActor, UserActor
from crm_app.kernel.errors import Forbidden, Invalid, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.definitions import publish
from crm_app.services.identification import VersionGone
from crm_app.services.lists import list_records
from crm_app.services.publishers import publish_in_my_name, publishers, stands_behind
from crm_app.services.record_query import Record, RecordQuery
from crm_app.services.run_details import read_run
from crm_app.services.standing import PublisherGone, PublisherLacks, PublisherSeesNot
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.users import deactivate_user, set_roles
from crm_app.services.why import why_not
from crm_app.storage.shape import StoredRecord
from tests.builders import role_body
from tests.workflows.builders import FOLLOW_UP, WON, Automated, automation
from tests.workflows.runs import won_run

TAKEN = {"name": "automation.publisher"}
AGAIN = {**FOLLOW_UP, "id": "again"}
# Who may publish, and beside that only read; who may do everything but with records of others.
ROLES = (
    role_body(
        "builder",
        {"objects": ["*"], "actions": ["administer"]},
        {"objects": ["deal", "task"], "actions": ["read"], "scope": "all"},
    ),
    role_body("loner", {"objects": ["*"], "actions": ["*"], "scope": "own"}),
    role_body(
        "blind",
        {"objects": ["*"], "actions": ["*"], "scope": "all"},
        field_levels=[{"object": "task", "field": "due", "level": "none"}],
    ),
)


@pytest.fixture
def crm(database_url: str) -> Iterator[Automated]:
    crm = Automated(database_url, automation("won", WON, FOLLOW_UP, AGAIN))
    crm.publish(load_package({"roles": {f"roles/{body['name']}.json": body for body in ROLES}}))
    yield crm
    crm.close()


@pytest.fixture
def ann(crm: Automated) -> UserActor:
    """An administrator who has published the automation; another one stays one."""
    crm.user("Zoe", "admin")
    ann = crm.user("Ann", "admin")
    with crm.work(ann) as work:
        publish_in_my_name(work, ["won"])
    return ann


def demote(crm: Automated, person: UserActor, *roles: str) -> None:
    with crm.work() as work:
        set_roles(work, person.user_id, roles)


def step(run: RunInput, at: int) -> StepInput:
    assert run.blocks
    return StepInput(run.run, run.blocks[at], run.blocks[at].id)


def tasks(crm: Automated) -> int:
    return crm.count(RecordQuery("task"))


def whole(work: UnitOfWork, record: Record) -> StoredRecord:
    return work.records.fetch("deal", [record.ref.id], EVERYONE)[record.ref.id]


def acting(crm: Automated, publisher: UUID | None, runner: UserActor | None = None) -> AutomationActor:
    who = runner or crm.rep
    return AutomationActor("won", new_id(), who.user_id, 0, crm.vouch("a version", publisher))


def test_what_the_publisher_loses_the_next_step_of_a_run_is_refused(crm: Automated, ann: UserActor) -> None:
    run = won_run(crm)
    execute_step(crm.workspace, step(run, 0))
    demote(crm, ann, "builder")
    with pytest.raises(PublisherLacks, match=r"Ann, who published this workflow, may not .* tasks"):
        execute_step(crm.workspace, step(run, 1))
    assert tasks(crm) == 1
    with crm.work() as work:
        errors = work.connection.execute(text("SELECT error FROM crm.run_step WHERE status = 'failed'")).scalars().all()
    assert [error.partition(",")[0] for error in errors] == ["publisher_lacks: Ann"]
    demote(crm, ann, "admin")
    execute_step(crm.workspace, step(run, 1))
    assert tasks(crm) == 2
    with crm.work(ann) as work:
        assert read_run(work, UUID(run.run.id)).publisher_name == "Ann"


def test_a_record_that_only_the_publisher_does_not_see_is_said_to_be_so(crm: Automated, ann: UserActor) -> None:
    run = won_run(crm)
    demote(crm, ann, "loner")
    with pytest.raises(PublisherSeesNot, match="Ann, who published this workflow, may not read this deal"):
        execute_step(crm.workspace, step(run, 0))
    assert tasks(crm) == 0


def test_a_field_that_only_the_publisher_may_not_set_is_said_to_be_so(crm: Automated, ann: UserActor) -> None:
    run = won_run(crm)
    demote(crm, ann, "blind")
    with pytest.raises(Invalid) as refused:
        execute_step(crm.workspace, step(run, 0))
    assert [problem.message.partition(".")[0] for problem in refused.value.problems] == [
        "Ann, who published this workflow, may not set Due"
    ]
    assert tasks(crm) == 0


def test_nobody_behind_it_any_more_nothing_is_done_until_an_administrator_publishes_it_in_their_name(
    crm: Automated, ann: UserActor
) -> None:
    run = won_run(crm)
    with crm.work() as work:
        deactivate_user(work, ann.user_id)
        assert publishers(work)["won"].lacks.startswith("who has no active account")
    with pytest.raises(PublisherGone, match="in their own name"):
        execute_step(crm.workspace, step(run, 0))
    assert tasks(crm) == 0
    bob = crm.user("Bob", "admin")
    with crm.work(crm.rep) as work, pytest.raises(Forbidden):
        publish_in_my_name(work, ["won"])
    with crm.work(bob) as work:
        with pytest.raises(NotFound):
            publish_in_my_name(work, ["lost"])
        publish_in_my_name(work, ["won"])
        assert (publishers(work)["won"].name, publishers(work)["won"].lacks) == ("Bob", "")
        taken = work.connection.execute(text("SELECT changes -> 'publisher' FROM crm.audit WHERE name = :name"), TAKEN)
        assert [[str(ann.user_id)], str(bob.user_id)] in taken.scalars().all()
    execute_step(crm.workspace, step(run, 0))
    assert tasks(crm) == 1


def test_a_run_sees_only_the_records_that_both_see_and_rules_speak_of_the_one_whose_they_are(crm: Automated) -> None:
    mine = role_body("mine", {"objects": ["deal"], "actions": ["read", "edit"], "scope": "rule:owner = me"})
    crm.publish(load_package({"roles": {"roles/mine.json": mine}}))
    meg, pat = crm.user("Meg", "admin"), crm.user("Pat", "mine")
    hers, his = crm.create("deal", name="Hers", owner=meg.user_id), crm.create("deal", name="His", owner=pat.user_id)
    with crm.work(acting(crm, pat.user_id, meg)) as work:
        assert [each.name for each in list_records(work, RecordQuery("deal")).records] == ["His"]
        assert work.reaches("edit", "deal", whole(work, his))
        assert work.access("deal").allows("edit")
        assert not work.access("deal").allows("delete")
    with crm.work(acting(crm, meg.user_id, pat)) as work:
        assert [each.name for each in list_records(work, RecordQuery("deal")).records] == ["His"]
    with crm.work(acting(crm, None, meg)) as work:
        assert {"Hers", "His"} <= {each.name for each in list_records(work, RecordQuery("deal")).records}
    with crm.work(acting(crm, pat.user_id, meg)) as work:
        assert not work.reaches("edit", "deal", whole(work, hers))
        assert work.is_publishers("edit", "deal", whole(work, hers))


def test_why_not_names_the_publisher_and_what_helps(crm: Automated) -> None:
    pat = crm.user("Pat", "builder")
    deal = crm.create("deal", name="Desk", owner=crm.rep.user_id)
    with crm.work(acting(crm, pat.user_id)) as work:
        answer = why_not(work, deal.ref, "edit")
    assert not answer.allowed
    assert answer.reasons[0].startswith("Pat, who published this workflow, may not edit this deal")
    assert answer.remedy is not None
    assert "in the name of somebody who may" in answer.remedy.sentence


def test_a_version_that_nobody_has_published_does_nothing(crm: Automated) -> None:
    actor = AutomationActor("won", new_id(), crm.rep.user_id, 0, "never published")
    with pytest.raises(VersionGone), crm.work(actor):
        pass


def test_who_publishes_the_same_again_after_something_else_stands_behind_it(crm: Automated, ann: UserActor) -> None:
    bob = crm.user("Bob", "admin")
    for actor, label in ((ann, "First"), (bob, "Other"), (bob, "First")):
        body: dict[str, Any] = {**automation("won", WON, FOLLOW_UP), "label": label}
        with crm.work(actor) as work:
            publish(work, load_package({"automations": {"automations/won.json": body}}))
    with crm.work() as work:
        assert publishers(work)["won"].name == "Bob"
        assert stands_behind(work, ann.user_id) == []


def test_what_came_before_there_were_publishers_is_in_the_name_of_who_published_it(crm: Automated) -> None:
    ann = crm.user("Ann", "admin")
    with crm.work(ann) as work:
        body = automation("late", WON, FOLLOW_UP)
        publish(work, load_package({"automations": {"automations/late.json": body}}))
    migration = import_module("crm_app.storage.migrations.versions.0022_publisher")
    with crm.work() as work:
        work.connection.execute(text("UPDATE crm.definition_version SET publisher = NULL"))
        assert not publishers(work)
        work.connection.execute(text(migration.KNOWN))
        assert {name: each.name for name, each in publishers(work).items()} == {"late": "Ann"}


def test_what_neither_sees_is_not_there_and_nobody_is_named(crm: Automated) -> None:
    deal = RecordRef("deal", new_id())
    with crm.work(acting(crm, crm.user("Pat", "builder").user_id)) as work:
        answer = why_not(work, deal, "edit")
    assert "Pat" not in answer.reasons[0]


@pytest.mark.parametrize("runner", ["owner", "zoe@example.com"])
def test_the_report_says_what_whoever_would_publish_it_lacks(crm: Automated, runner: str) -> None:
    crm.user("Zoe", "admin")
    body = automation("won", WON, FOLLOW_UP, run_as=runner)
    package = load_package({"automations": {"automations/won.json": body}})
    said: dict[str, list[str]] = {}
    for role in ("builder", "admin"):
        with crm.work(crm.user(role.capitalize(), role)) as work:
            looked = around(work, work.schema.stored.merged(package)).of(package.automations[0])
            said[role] = [line for found in right_findings(looked) for line in found.lines if "You lack" in line]
    assert said == {"builder": ["You lack: create on Task (step follow_up)."], "admin": []}
