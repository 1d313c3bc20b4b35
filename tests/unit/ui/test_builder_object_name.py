"""An object gets another API name in the draft, with all that names it, and its records stay."""

from typing import Any

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.kernel.events import RecordRef
from crm_app.services import drafts, records
from crm_app.services.definitions import publish
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.fields_state import FieldsTab
from crm_app.ui.builder.objects_state import ObjectsPage
from crm_app.ui.builder.parts_state import PartsTab
from crm_app.ui.builder.publish_state import PublishTab
from tests.unit.ui.conftest import Crm, Send

OBJECTS = "/settings/objects"
TASK, JOB = f"{OBJECTS}/task?tab=general", f"{OBJECTS}/job?tab=general"
NEW = {"label": "Planet", "plural": "Planets", "name": "planet", "icon": "globe", "color": "teal"}


async def _rename(send: Send, path: str, name: str) -> dict[str, Any]:
    await send(Builder.open, path)
    return (await send(PartsTab.rename_object, path, form={"name": name})).get("builder", {})


def _edited(crm: Crm) -> set[str]:
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        return set(drafts.read_draft(work).edited)


async def test_its_records_views_and_roles_come_along(crm: Crm, send: Send) -> None:
    task = crm.create("task", subject="Call")
    await _rename(send, TASK, "job")
    edited = _edited(crm)
    assert "objects/job" in edited
    assert "objects/task" not in edited
    assert {"views", "roles"} <= {key.partition("/")[0] for key in edited}
    head = (await send(Builder.open, JOB))["builder"]["head"]
    assert (head["name"], head["state"], head["list_href"]) == ("job", "Changed", "/o/task")
    plan = (await send(Builder.open, f"{OBJECTS}/job?tab=publish"))["builder"]["publish"]
    assert ("rename", "objects/job", "objects/task") in {(e["kind"], e["path"], e["was"]) for e in plan["lines"]}
    await send(PublishTab.publish, f"{OBJECTS}/job?tab=publish")
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        assert records.get_record(work, RecordRef("job", task.ref.id)).values["subject"] == "Call"
    assert not _edited(crm)


async def test_it_can_be_taken_back_and_done_again_and_changed_further(crm: Crm, send: Send) -> None:
    await _rename(send, TASK, "job")
    await send(Builder.open, JOB)
    await send(Builder.undo, JOB)
    assert not _edited(crm)
    await send(Builder.open, TASK)
    await send(Builder.redo, TASK)
    assert "objects/job" in _edited(crm)
    job = f"{OBJECTS}/job"
    await send(Builder.open, job)
    panel = (await send(FieldsTab.choose, job, name="notes"))["builder"]["panel"]
    assert panel["remove_label"] == "Archive"
    await send(FieldsTab.remove, job)
    lines = {line["name"]: line for line in (await send(ObjectsPage.open, OBJECTS))["objects_page"]["lines"]}
    assert (lines["job"]["state"], lines["job"]["archive_label"]) == ("Changed", "Archive Tasks")
    await _rename(send, JOB, "task_again")
    assert not {"objects/task", "objects/job"} & _edited(crm)


async def test_a_name_that_is_taken_or_no_name_is_told_at_its_input(crm: Crm, send: Send) -> None:
    for name, said in (("deal", "already"), ("Bad Name", "Lower-case"), ("", "Lower-case")):
        assert said in (await _rename(send, TASK, name))["errors"]["name"], name
    await send(PartsTab.rename_object, TASK, form={"name": {"$ne": 1}})
    assert not _edited(crm)


async def test_one_that_is_new_is_just_called_otherwise(crm: Crm, send: Send) -> None:
    await send(ObjectsPage.open, OBJECTS)
    await send(ObjectsPage.create, OBJECTS, form={**NEW, "role::sales_rep": "work"})
    planet = f"{OBJECTS}/planet?tab=general"
    await _rename(send, planet, "star")
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        draft = drafts.read_draft(work)
        assert not {"table", "former_names"} & set(draft.edited["objects/star"].body)
        role = next(body.body for key, body in draft.edited.items() if key == "roles/sales_rep")
    assert any("star" in grant["objects"] for grant in role["grants"])
    assert "objects/planet" not in draft.edited
    await send(Builder.open, f"{OBJECTS}/star?tab=publish")
    await send(PublishTab.publish, f"{OBJECTS}/star?tab=publish")
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        assert work.definition("star").stored == "star"


async def test_what_somebody_else_changed_meanwhile_is_seen_under_the_old_name(crm: Crm, send: Send) -> None:
    await _rename(send, TASK, "job")
    with crm.workspace.work(SystemActor("test")) as work:
        body = {**work.definition("task").canonical(), "label": "To-do"}
        publish(work, load_package({"objects": {"objects/task": body}}))
    path = f"{OBJECTS}/job?tab=publish"
    found = (await send(Builder.open, path))["builder"]["publish"]
    assert [line["path"] for line in found["theirs"]] == ["objects/task"]
    await send(PublishTab.rebase, path, form={})
    await send(PublishTab.publish, path)
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        assert work.definition("job").label == "To-do"
