"""The builder without a browser: every event through the gate, on a real database."""

from typing import Any

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.services import drafts
from crm_app.services.definitions import publish
from crm_app.storage.engine import opened_to_records
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.fields_state import FieldsTab
from crm_app.ui.builder.objects_state import ObjectsPage
from crm_app.ui.builder.publish_state import PublishTab
from tests.unit.ui.conftest import Crm, Send

TASK = "/settings/objects/task"
PLANET = "/settings/objects/planet"
NEW = {"label": "Planet", "plural": "Planets", "name": "planet", "icon": "globe", "color": "teal"}


async def _open(send: Send, path: str = TASK, who: str = "admin") -> dict[str, Any]:
    return (await send(Builder.open, path, who=who))["builder"]


def _drafted(crm: Crm, name: str = "task") -> list[str]:
    """The labels of the draft's fields."""
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        definition = drafts.drafted(work, drafts.read_draft(work)).by_name[name]
    return [each.label for each in definition.fields]


def _labels(found: dict[str, Any]) -> list[str]:
    return [found["things"][name]["label"] for name in found["groups"][0]["items"]]


async def test_a_draft_without_an_edit_shows_none(send: Send) -> None:
    for name in ("company", "deal"):
        things = (await _open(send, f"/settings/objects/{name}"))["things"]
        assert [key for key, thing in things.items() if {"Changed", "New"} & set(thing.get("badges", ()))] == []


async def test_objects_are_listed_with_what_they_hold(send: Send) -> None:
    lines = {
        line["name"]: line for line in (await send(ObjectsPage.open, "/settings/objects"))["objects_page"]["lines"]
    }
    assert (lines["task"]["label"], lines["task"]["records"], lines["task"]["state"]) == ("Tasks", "0", "")
    assert int(lines["deal"]["fields"]) > 5


async def test_only_administrators_see_any_of_it(send: Send) -> None:
    for handler, path in ((ObjectsPage.open, "/settings/objects"), (Builder.open, TASK)):
        found = await send(handler, path, who="rita")
        assert found["shell"]["problem"] == "forbidden"
        assert not found["shell"].get("is_admin")
    assert (await send(ObjectsPage.open, "/settings/objects"))["shell"]["is_admin"]


async def test_a_rep_can_not_change_anything_by_calling_the_handlers(crm: Crm, send: Send) -> None:
    await send(Builder.open, TASK, who="rita")
    for handler, payload in (
        (FieldsTab.move, {"name": "done", "group": "fields", "index": 0}),
        (FieldsTab.create, {"form": {"label": "X", "name": "x"}}),
        (PublishTab.publish, {}),
        (Builder.undo, {}),
    ):
        await send(handler, TASK, who="rita", **payload)
    with opened_to_records(crm.workspace.engine.connect()) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM crm.draft").scalar_one() == 0


async def test_a_new_object_with_bundles_is_a_draft_until_it_is_published(crm: Crm, send: Send) -> None:
    await send(ObjectsPage.open, "/settings/objects")
    form = {**NEW, "bundle::pipeline": True, "role::sales_rep": "work", "role::sales_manager": "none"}
    await send(ObjectsPage.create, "/settings/objects", form=form)
    found = await _open(send, PLANET)
    assert _labels(found) == ["Name", "Stage"]
    assert found["head"]["state"] == "New"
    plan = (await send(Builder.open, f"{PLANET}?tab=publish"))["builder"]["publish"]
    assert [line["path"] for line in plan["lines"]] == ["objects/planet", "roles/sales_rep"]
    assert plan["can_publish"]
    await send(PublishTab.publish, f"{PLANET}?tab=publish")
    assert crm.create("planet", name="Mars").values["stage"] == "new"


async def test_a_name_that_is_taken_or_no_name_is_told_at_its_input(send: Send) -> None:
    await send(ObjectsPage.open, "/settings/objects")
    for name, said in (("deal", "already"), ("Bad Name", "Lower-case"), ("", "needed")):
        found = await send(ObjectsPage.create, "/settings/objects", form={**NEW, "name": name})
        assert said in found["objects_page"]["errors"]["name"], name


async def test_a_field_is_added_changed_moved_and_taken_back(send: Send) -> None:
    await _open(send)
    await send(FieldsTab.open_palette, TASK)
    found = (await send(FieldsTab.choose_type, TASK, name="number"))["builder"]
    assert [each["name"] for each in found["inputs"]][:2] == ["config/decimals", "config/minimum"]
    form = {"label": "Effort", "name": "effort", "config/decimals": "1", "config/grouping": True}
    found = (await send(FieldsTab.create, TASK, form=form))["builder"]
    assert _labels(found)[-1] == "Effort"
    assert (found["panel"]["mode"], found["panel"]["name"]) == ("edit", "effort")
    saved = await send(FieldsTab.save, TASK, form={**form, "label": "Effort in days", "required": True})
    found = {
        **saved["builder"],
        **(await send(FieldsTab.move, TASK, name="effort", group="fields", index=0))["builder"],
    }
    assert _labels(found)[0] == "Effort in days"
    assert found["things"]["effort"]["badges"] == ["Required", "New"]
    for _ in range(3):
        found |= (await send(Builder.undo, TASK))["builder"]
    assert "Effort" not in _labels(found)


async def test_what_was_typed_stays_with_its_field_when_another_is_chosen_meanwhile(crm: Crm, send: Send) -> None:
    await _open(send)
    await send(FieldsTab.choose, TASK, name="done")
    await send(FieldsTab.save, TASK, form={"label": "By when"}, about="due_date")
    drafted = _drafted(crm)
    assert "By when" in drafted
    assert "Done" in drafted


async def test_what_is_wrong_is_told_at_its_input_and_not_kept(crm: Crm, send: Send) -> None:
    await _open(send)
    await send(FieldsTab.choose_type, TASK, name="number")
    form = {"label": "Effort", "name": "effort", "config/decimals": "99"}
    found = (await send(FieldsTab.create, TASK, form=form))["builder"]
    assert "10" in found["errors"]["config/decimals"]
    assert "Effort" not in _drafted(crm)
    for name in ("done", "Bad Name", ""):
        found = (await send(FieldsTab.create, TASK, form={**form, "config/decimals": "1", "name": name}))["builder"]
        assert found["errors"]["name"], name


async def test_arguments_of_any_type_do_no_harm(crm: Crm, send: Send) -> None:
    await _open(send)
    for handler, payload in (
        (FieldsTab.choose, {"name": {"$ne": 1}}),
        (FieldsTab.choose_type, {"name": ["x"]}),
        (FieldsTab.create, {"form": {"label": ["x"], "name": {"a": 1}}}),
        (FieldsTab.save, {"form": {"label": 1, "config/options": "[[[["}}),
        (FieldsTab.move, {"name": 7, "group": None, "index": "first"}),
        (FieldsTab.move, {"name": "done", "group": "fields", "index": -9_999_999}),
        (FieldsTab.remove, {}),
    ):
        await send(handler, TASK, **payload)
    assert "Done" in _drafted(crm)


async def test_somebody_elses_publishing_is_shown(crm: Crm, send: Send) -> None:
    await _open(send)
    await send(FieldsTab.move, TASK, name="done", group="fields", index=0)
    with crm.workspace.work(SystemActor("test")) as work:
        body = {**work.definition("task").canonical(), "label": "To-do"}
        publish(work, load_package({"objects": {"objects/task.json": body}}))
    found = (await send(Builder.open, f"{TASK}?tab=publish"))["builder"]["publish"]
    assert [line["path"] for line in found["theirs"]] == ["objects/task"]
    assert not found["can_publish"]


async def test_a_live_field_is_archived_with_its_values_and_comes_back(crm: Crm, send: Send) -> None:
    task = crm.create("task", subject="Call", notes="high")
    await _open(send)
    found = (await send(FieldsTab.choose, TASK, name="notes"))["builder"]
    assert found["panel"]["remove_label"] == "Archive"
    found = (await send(FieldsTab.remove, TASK))["builder"]
    assert [each["label"] for each in found["archived"]] == ["Notes"]
    assert "Notes" not in _labels(found)
    await send(Builder.open, f"{TASK}?tab=publish")
    await send(PublishTab.confirm, f"{TASK}?tab=publish", form={})
    assert "notes" not in crm.read(task).values
    await send(Builder.open, TASK)
    assert "Notes" in _labels((await send(FieldsTab.restore, TASK, name="notes"))["builder"])
    await send(PublishTab.publish, f"{TASK}?tab=publish")
    assert crm.read(task).values["notes"] == "high"


async def test_what_refers_to_an_archived_field_is_named_and_keeps_it_from_being_published(send: Send) -> None:
    await _open(send)
    await send(FieldsTab.choose, TASK, name="due_date")
    found = (await send(FieldsTab.remove, TASK))["builder"]
    assert any(problem["path"].startswith("views/") for problem in found["problems"])
    assert any(problem["place"].startswith("View ") for problem in found["problems"])
    assert any(tab["mark"] == "!" for tab in found["tabs"])


async def test_a_field_says_what_depends_on_it(crm: Crm, send: Send) -> None:
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        rule = {"when": "len(notes) > 900", "message": "Shorter, please."}
        drafts.edit_draft(work, "Rule", {"objects/task": lambda body: {**body, "validation_rules": [rule]}})
    await send(Builder.open, "/settings/objects/task")
    panel = (await send(FieldsTab.choose, "/settings/objects/task", name="notes"))["builder"]["panel"]
    told = {use["label"]: (use["note"], use["href"]) for use in panel["uses"]}
    assert told["Tasks: Check “Shorter, please.”"] == ("len(notes) > 900", "/settings/objects/task?tab=json")
    assert panel["uses_title"] == f"Used in {len(told)} place{'s' * (len(told) > 1)}"
