"""What the Publish tab says of a plan, and what it asks before it hides or converts."""

from typing import Any

import pytest

from crm_app.definitions import edits
from crm_app.definitions.edits import Body
from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.services import drafts
from crm_app.services.definitions import publish
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.fields_state import FieldsTab
from crm_app.ui.builder.publish_state import PublishTab
from tests.unit.ui.conftest import Crm, Send

TASK = "/settings/objects/task"
PUBLISH = f"{TASK}?tab=publish"


async def _plan(send: Send) -> dict[str, Any]:
    return (await send(Builder.open, PUBLISH))["builder"]["publish"]


def _draft(crm: Crm, **changes: Any) -> None:
    """The notes of a task become something else."""

    def changed(body: Body) -> Body:
        field = next(each for each in edits.fields_of(body) if each["name"] == "notes")
        return edits.change_field(body, "notes", {**field, "config": {}, **changes})

    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        drafts.edit_draft(work, "Change", {"objects/task": changed})


def _live_type(crm: Crm) -> str:
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        return work.definition("task").all_fields["notes"].type


async def test_a_plan_that_hides_is_asked_about_and_names_what_is_hidden(crm: Crm, send: Send) -> None:
    task = crm.create("task", subject="Call", notes="high")
    await send(Builder.open, TASK)
    await send(FieldsTab.choose, TASK, name="notes")
    await send(FieldsTab.remove, TASK)
    plan = await _plan(send)
    assert [(line["path"], line["count"]) for line in plan["hidden"]] == [
        ("objects/task/fields/notes", "1 record holds something there")
    ]
    await send(PublishTab.publish, PUBLISH)
    assert crm.read(task).values["notes"] == "high"
    await send(PublishTab.confirm, PUBLISH, form={})
    assert "notes" not in crm.read(task).values


async def test_values_that_can_not_be_converted_are_shown_and_only_emptied_when_that_is_chosen(
    crm: Crm, send: Send
) -> None:
    bad, good = crm.create("task", subject="Bad", notes="many"), crm.create("task", subject="Good", notes="12")
    _draft(crm, type="number")
    plan = await _plan(send)
    assert plan["refused"] == 1
    assert plan["hidden"][0]["notes"][:2] == [
        "1 value converts, 1 can't.",
        "'Bad' holds 'many': 'many' is not a number.",
    ]
    await send(PublishTab.confirm, PUBLISH, form={})
    assert _live_type(crm) == "long_text"
    await send(PublishTab.confirm, PUBLISH, form={"set_empty": True})
    assert (_live_type(crm), crm.read(bad).values["notes"], crm.read(good).values["notes"]) == ("number", None, 12)


async def test_what_names_a_converted_field_is_said(crm: Crm, send: Send) -> None:
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        body = work.definition("task").canonical()
        rule = {"when": "len(notes) > 900", "message": "Shorter, please."}
        drafts.edit_draft(work, "Rule", {"objects/task": lambda _old: {**body, "validation_rules": [rule]}})
    await send(PublishTab.publish, PUBLISH)
    _draft(crm, type="text")
    line = (await _plan(send))["hidden"][0]
    notes = line["notes"]
    assert notes[-1].startswith("Named by ")
    assert "objects/task/validation_rules/0/when" in notes[-1]
    assert line["place"] == "Tasks: Notes (Text)"


async def test_what_came_after_the_question_was_not_agreed_to(crm: Crm, send: Send) -> None:
    _draft(crm, type="text")
    await _plan(send)
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        drafts.edit_draft(work, "x", {"objects/contact": lambda body: edits.archive_field(body, "phone")})
    await send(PublishTab.confirm, PUBLISH, form={})
    assert _live_type(crm) == "long_text"


async def test_a_type_that_nothing_converts_to_is_a_problem_before_publishing(crm: Crm, send: Send) -> None:
    _draft(crm, type="auto_number")
    found = (await send(Builder.open, PUBLISH))["builder"]
    assert "Add a field of the new type beside it." in found["problems"][0]["message"]
    assert not found["publish"]["can_publish"]


@pytest.mark.parametrize("form", [None, [], {"set_empty": {"a": 1}}, {"set_empty": "0"}])
async def test_arguments_of_any_type_publish_nothing_that_was_not_shown(crm: Crm, send: Send, form: Any) -> None:
    _draft(crm, type="text")
    await send(Builder.open, TASK)
    await send(PublishTab.confirm, TASK, form=form)
    assert _live_type(crm) == "long_text"


async def test_where_both_changed_the_same_each_place_is_chosen(crm: Crm, send: Send) -> None:
    def called(label: str, notes: str, plural: str) -> edits.Edit:
        def changed(body: Body) -> Body:
            field = next(each for each in edits.fields_of(body) if each["name"] == "notes")
            return {**edits.change_field(body, "notes", {**field, "label": notes}), "label": label, "plural": plural}

        return changed

    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        drafts.edit_draft(work, "Mine", {"objects/task": called("Mine", "My notes", "Tasks")})
    with crm.workspace.work(SystemActor("test")) as work:
        body = called("Theirs", "Their notes", "All theirs")(work.definition("task").canonical())
        publish(work, load_package({"objects": {"objects/task": body}}))
    shown = {clash["field"]: clash for clash in (await _plan(send))["clashes"]}
    assert {
        place: (each["original"], each["theirs"], each["yours"]) for place, each in shown.items()
    } == {
        "objects/task/label": ("Task", "Theirs", "Mine"),
        "objects/task/fields/notes/label": ("Notes", "Their notes", "My notes"),
    }  # fmt: skip
    choice = {"keep::objects/task/label": "yours", "keep::objects/task/fields/notes/label": "theirs"}
    found = await send(PublishTab.rebase, PUBLISH, form={**choice, "keep::objects/deal/label": "yours"})
    assert found["shell"]["notice"]["kind"] == "good"
    await send(PublishTab.publish, PUBLISH)
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        task = work.definition("task")
    assert (task.label, task.all_fields["notes"].label, task.plural) == ("Mine", "Their notes", "All theirs")
