"""What the publish report calls unsafe goes live through no door, and plans say what is known beforehand."""

from collections.abc import Iterator
from typing import Any

import pytest

from crm_app.automation.checks import check
from crm_app.automation.plans import PLANS, role_warnings
from crm_app.definitions.check import BrokenReference
from crm_app.definitions.load import load_package
from crm_app.definitions.model import changed
from crm_app.definitions.package import Package
from crm_app.kernel.actor import UserActor
from crm_app.services import drafts
from crm_app.services.definitions import How, plan, publish, revert
from crm_app.services.packages import install_package
from crm_app.services.roles import edit_role, save_role
from tests.builders import SYSTEM
from tests.workflows.blocks import branch
from tests.workflows.builders import FOLLOW_UP, WON, Automated, automation, deals_and_tasks

MADE: dict[str, Any] = {"type": "record.created", "object": "task"}
AGAIN: dict[str, Any] = {"id": "again", "type": "create", "object": "task", "values": {"name": "'Again'"}}
PING = automation("ping", MADE, AGAIN)
PATH = "automations/ping"


def only(*automations: dict[str, Any]) -> Package:
    return load_package({"automations": {f"automations/{each['name']}.json": each for each in automations}})


@pytest.fixture
def crm(database_url: str) -> Iterator[Automated]:
    crm = Automated(database_url, automation("won", WON, FOLLOW_UP))
    yield crm
    crm.close()


def careless(crm: Automated, *automations: dict[str, Any]) -> None:
    """As an earlier release, which knew no such check, may have left it."""
    with crm.work() as work:
        publish(work, only(*automations))


def refused(found: pytest.ExceptionInfo[BrokenReference]) -> list[str]:
    return [problem.path for problem in found.value.problems]


def test_what_is_unsafe_goes_live_neither_by_apply_nor_by_a_draft_nor_by_going_back(
    crm: Automated, tmp_path: Any
) -> None:
    with pytest.raises(BrokenReference, match="Nothing in it asks") as found:
        crm.publish(only(PING))
    assert refused(found) == [PATH]
    admin = crm.user("Max", role="admin")
    with crm.work(admin) as work:
        drafts.add_to_draft(work, "Add", {PATH: PING}, {})
        assert [each.path for each in drafts.problems(work, drafts.read_draft(work), (check,))] == [PATH]
    with crm.work(admin) as work, pytest.raises(BrokenReference):
        drafts.publish_draft(work, (check,))
    careless(crm, PING)
    careless(crm, {**PING, "is_active": False})
    with crm.work() as work, pytest.raises(BrokenReference):
        revert(work, work.schema.version - 1, (check,))
    (tmp_path / "automations").mkdir()
    (tmp_path / "package.json").write_text('{"name": "loops", "label": "Loops", "version": "1.0.0"}')
    (tmp_path / PATH).with_suffix(".json").write_text(only(PING).automations[0].model_dump_json())
    with pytest.raises(BrokenReference):
        install_package(crm.workspace, tmp_path, (check,))


def test_what_was_unsafe_before_holds_up_nothing_else(crm: Automated) -> None:
    careless(crm, PING)
    (task,) = (each for each in deals_and_tasks().objects if each.name == "task")
    crm.publish(Package(objects=(changed(task, label="Chore"),)))
    with pytest.raises(BrokenReference):
        crm.publish(only({**PING, "label": "Still ping"}))


def test_a_change_elsewhere_that_closes_a_circle_is_refused(crm: Automated) -> None:
    """Both are safe alone; switched on together each calls the other."""
    called = {"type": "called", "object": "deal"}
    first = automation("first", called, {"id": "call", "type": "call", "automation": "second"})
    second = automation("second", called, {"id": "call", "type": "call", "automation": "first"})
    crm.publish(only(first, {**second, "is_active": False}))
    with pytest.raises(BrokenReference, match="“First” \\(step call\\) → calls → “Second”") as found:
        crm.publish(only(second))
    assert refused(found) == ["automations/first", "automations/second"]


def test_a_plan_holds_the_report_of_what_is_new(crm: Automated) -> None:
    with crm.work() as work:
        (change,) = plan(work, only(PING), How(automations=PLANS))
    assert any(note.startswith("Must not be published. Circles: “Ping” (step again)") for note in change.notes)
    assert "At worst: At most 1 step per run; 2,000 are allowed." in change.notes


def test_taking_a_right_that_an_automation_needs_is_told_and_allowed(crm: Automated) -> None:
    """Even from the last role that had it."""
    said = "The workflow “Won” would fail for records of a Rep, who lacks: create on Task (step follow_up)."
    admin = crm.user("Max", role="admin")
    (rep,) = (each for each in crm_roles(crm, admin) if each.name == "rep")
    narrower = changed(rep, grants=tuple(changed(grant, actions=("read", "edit")) for grant in rep.grants))
    with crm.work(admin) as work:
        assert role_warnings(work, narrower) == [said]
        assert said in plan(work, Package(roles=(narrower,)), How(automations=PLANS))[0].notes
        edit_role(work, "rep", "Narrow", lambda body: {**body, "grants": narrower.canonical()["grants"]})
    with crm.work(admin) as work:
        assert save_role(work, "rep", "Less", (check,))


def crm_roles(crm: Automated, admin: UserActor) -> tuple[Any, ...]:
    with crm.work(admin) as work:
        return work.schema.stored.roles


def test_a_person_who_is_to_act_and_lacks_something_is_named(crm: Automated) -> None:
    crm.user("Clara", role="clerk")
    with crm.work(SYSTEM) as work:
        (change,) = plan(
            work, only(automation("by_clara", WON, FOLLOW_UP, run_as="clara@example.com")), How(automations=PLANS)
        )
    said = "clara@example.com lacks: create on Task (step follow_up)."
    assert f"Must not be published. Rights that its runner lacks: {said}" in change.notes


def test_a_person_who_is_to_act_and_cannot_is_refused(crm: Automated) -> None:
    """Unless no run need come by the step, nobody has the address yet, or it was live before."""
    crm.user("Clara", role="clerk")
    by_clara = automation("by_clara", WON, FOLLOW_UP, run_as="clara@example.com")
    with pytest.raises(BrokenReference) as refusal:
        crm.publish(only(by_clara))
    assert [each.message for each in refusal.value.problems] == [
        "clara@example.com lacks: create on Task (step follow_up)."
    ]
    perhaps = branch("big", "amount > 5 USD", [FOLLOW_UP], [])
    crm.publish(only(automation("by_clara", WON, perhaps, run_as="clara@example.com")))
    crm.publish(only(automation("by_dora", WON, FOLLOW_UP, run_as="dora@example.com")))
    crm.user("Dora", role="clerk")
    crm.publish(only(automation("other", WON, FOLLOW_UP)))
