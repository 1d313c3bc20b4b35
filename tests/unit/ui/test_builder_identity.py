"""Another type, another API name, and objects that come and go: in the draft, and then live."""

from typing import Any

from crm_app.definitions.bundle_catalog import BUNDLES
from crm_app.kernel.actor import UserActor
from crm_app.services import drafts
from crm_app.storage.engine import opened_to_records
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.fields_state import FieldsTab
from crm_app.ui.builder.objects_state import ObjectsPage
from crm_app.ui.builder.publish_state import PublishTab
from tests.unit.ui.conftest import Crm, Send

TASK, OBJECTS = "/settings/objects/task", "/settings/objects"
PUBLISH = f"{TASK}?tab=publish"
NEW = {"label": "Planet", "plural": "Planets", "name": "planet", "icon": "globe", "color": "teal"}


async def _choose(send: Send, name: str) -> dict[str, Any]:
    await send(Builder.open, TASK)
    return (await send(FieldsTab.choose, TASK, name=name))["builder"]


def _draft(crm: Crm) -> drafts.Draft:
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        return drafts.read_draft(work)


def _field(crm: Crm, name: str) -> dict[str, Any]:
    body = _draft(crm).edited["objects/task"].body
    return next(each for each in body["fields"] if each["name"] == name)


async def test_a_field_gets_another_type_with_its_settings_and_back(crm: Crm, send: Send) -> None:
    task = crm.create("task", subject="Call", notes="12")
    found = await _choose(send, "notes")
    offered = {kind["name"] for kind in found["panel"]["types"]}
    assert {"number", "text", "select"} <= offered
    assert not offered & {"long_text", "relation", "file", "auto_number"}
    found = (await send(FieldsTab.open_retyping, TASK, form={"type": "number"}))["builder"]
    assert (found["panel"]["mode"], found["panel"]["type"]) == ("retype", "number")
    assert "config/decimals" in [each["name"] for each in found["inputs"]]
    found = (await send(FieldsTab.retype, TASK, form={"config/decimals": "99"}))["builder"]
    assert found["errors"]["config/decimals"]
    await send(FieldsTab.retype, TASK, form={"config/decimals": "1"})
    assert (_field(crm, "notes")["type"], _field(crm, "notes")["config"]["decimals"]) == ("number", 1)
    await send(Builder.open, PUBLISH)
    await send(PublishTab.confirm, PUBLISH, form={})
    assert crm.read(task).values["notes"] == 12


async def test_a_type_is_not_kept_until_its_form_is_sent(crm: Crm, send: Send) -> None:
    await _choose(send, "notes")
    for kind in ("relation", "nonsense", "long_text", ""):
        found = (await send(FieldsTab.open_retyping, TASK, form={"type": kind}))["builder"]
        assert found["panel"]["mode"] == "", kind
        await send(FieldsTab.retype, TASK, form={})
        await _choose(send, "notes")
    await send(FieldsTab.open_retyping, TASK, form={"type": "number"})
    found = (await send(FieldsTab.keep_type, TASK))["builder"]
    assert (found["panel"]["mode"], found["panel"]["type"]) == ("edit", "long_text")
    assert _draft(crm).is_empty


async def test_a_renamed_field_takes_along_what_names_it_and_keeps_its_values(crm: Crm, send: Send) -> None:
    task = crm.create("task", subject="Call", due_date="2026-11-22")
    await _choose(send, "due_date")
    found = (await send(FieldsTab.rename, TASK, form={"name": "deadline"}))["builder"]
    assert (found["panel"]["mode"], found["panel"]["name"]) == ("edit", "deadline")
    assert found["panel"].get("remove_label") == "Archive"
    assert any(key.startswith("views/") for key in _draft(crm).edited)
    assert found["things"]["deadline"]["badges"] == ["Changed"]
    plan = (await send(Builder.open, PUBLISH))["builder"]["publish"]
    assert {
        "kind": "rename",
        "path": "objects/task/fields/deadline",
        "was": "objects/task/fields/due_date",
    }.items() <= (next(line for line in plan["lines"] if line["kind"] == "rename").items())
    await send(PublishTab.publish, PUBLISH)
    assert str(crm.read(task).values["deadline"]) == "2026-11-22"


async def test_a_field_is_renamed_and_retyped_at_once_in_either_order(crm: Crm, send: Send) -> None:
    task = crm.create("task", subject="Call", notes="12")

    async def rename() -> None:
        await send(FieldsTab.rename, TASK, form={"name": "remarks"})

    async def retype() -> None:
        await send(FieldsTab.open_retyping, TASK, form={"type": "number"})
        await send(FieldsTab.retype, TASK, form={})

    for first, second in ((retype, rename), (rename, retype)):
        await _choose(send, "notes")
        await first()
        await second()
        assert (_field(crm, "remarks")["type"], _field(crm, "remarks")["former_names"]) == ("number", ["notes"])
        if first is retype:
            await send(Builder.undo, TASK)
            await send(Builder.undo, TASK)
    await send(Builder.open, PUBLISH)
    await send(PublishTab.confirm, PUBLISH, form={})
    assert crm.read(task).values["remarks"] == 12


async def test_former_names_survive_the_next_change(crm: Crm, send: Send) -> None:
    await _choose(send, "notes")
    await send(FieldsTab.rename, TASK, form={"name": "remarks"})
    await send(FieldsTab.save, TASK, form={"label": "Remarks"})
    assert (_field(crm, "remarks")["former_names"], _field(crm, "remarks")["column"]) == (["notes"], "notes")


async def test_a_renamed_field_that_is_archived_in_the_same_draft_keeps_its_values(crm: Crm, send: Send) -> None:
    task = crm.create("task", subject="Call", notes="high")
    await _choose(send, "notes")
    await send(FieldsTab.rename, TASK, form={"name": "remarks"})
    await send(FieldsTab.remove, TASK)
    assert _field(crm, "remarks")["archived"]
    await send(Builder.open, PUBLISH)
    await send(PublishTab.confirm, PUBLISH, form={})
    await send(Builder.open, TASK)
    await send(FieldsTab.restore, TASK, name="remarks")
    await send(PublishTab.publish, PUBLISH)
    assert crm.read(task).values["remarks"] == "high"


async def test_a_name_that_is_taken_or_no_name_is_told_where_it_was_typed(crm: Crm, send: Send) -> None:
    await _choose(send, "notes")
    for name, said in (("done", "already"), ("Bad Name", "Lower-case"), ("", "Lower-case")):
        found = (await send(FieldsTab.rename, TASK, form={"name": name}))["builder"]
        assert said in found["errors"]["name"], name
    assert _draft(crm).is_empty


async def test_an_object_is_archived_with_its_records_and_restored(crm: Crm, send: Send) -> None:
    await send(ObjectsPage.open, OBJECTS)
    await send(ObjectsPage.create, OBJECTS, form=NEW)
    await send(PublishTab.publish, PUBLISH)
    crm.create("planet", name="Mars")
    await send(ObjectsPage.open, OBJECTS)
    found = (await send(ObjectsPage.archive, OBJECTS, name="planet"))["objects_page"]
    assert [line["name"] for line in found["archived"]] == ["planet"]
    assert "planet" not in [line["name"] for line in found["lines"]]
    path = found["publish_href"]
    assert path == "/settings/objects/planet?tab=publish"
    plan = (await send(Builder.open, path))["builder"]["publish"]
    assert [(line["path"], line["count"]) for line in plan["hidden"]] == [
        ("objects/planet", "1 record holds something there")
    ]
    await send(PublishTab.confirm, path, form={})
    found = (await send(ObjectsPage.open, OBJECTS))["objects_page"]
    assert [line["state"] for line in found["archived"]] == [""]
    await send(ObjectsPage.restore, OBJECTS, name="planet")
    await send(PublishTab.publish, path)
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        assert "planet" in work.catalog.by_name
    found = (await send(ObjectsPage.open, OBJECTS))["objects_page"]
    assert next(line["records"] for line in found["lines"] if line["name"] == "planet") == "1"


async def test_an_object_that_was_never_published_leaves_the_draft_with_its_grants(crm: Crm, send: Send) -> None:
    await send(ObjectsPage.open, OBJECTS)
    await send(ObjectsPage.create, OBJECTS, form={**NEW, "role::sales_rep": "work"})
    found = await send(ObjectsPage.archive, OBJECTS, name="planet")
    assert found["objects_page"]["publish_href"] == ""
    assert _draft(crm).is_empty
    await send(Builder.undo, TASK)
    assert set(_draft(crm).edited) == {"objects/planet", "roles/sales_rep"}


async def test_what_names_an_archived_object_is_told_beside_the_list(send: Send) -> None:
    await send(ObjectsPage.open, OBJECTS)
    found = (await send(ObjectsPage.archive, OBJECTS, name="company"))["objects_page"]
    assert any(problem["path"].startswith("objects/deal/") for problem in found["problems"])


async def test_only_administrators_archive_rename_and_retype(crm: Crm, send: Send) -> None:
    calls: list[tuple[Any, dict[str, Any]]] = [
        (ObjectsPage.archive, {"name": "task"}),
        (ObjectsPage.restore, {"name": ["task"]}),
        (FieldsTab.rename, {"form": {"name": "x"}}),
        (FieldsTab.open_retyping, {"form": {"type": {"a": 1}}}),
        (FieldsTab.retype, {"form": {}}),
        (PublishTab.confirm, {"form": {"set_empty": True}}),
    ]
    for handler, payload in calls:
        await send(handler, TASK, who="rita", **payload)
        await send(handler, OBJECTS, who="admin" if handler is ObjectsPage.restore else "rita", **payload)
    with opened_to_records(crm.workspace.engine.connect()) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM crm.draft_step").scalar_one() == 0


async def test_every_bundle_makes_an_object_that_can_be_published(crm: Crm, send: Send) -> None:
    await send(ObjectsPage.open, OBJECTS)
    ticked = {f"bundle::{bundle.name}": True for bundle in BUNDLES}
    await send(ObjectsPage.create, OBJECTS, form={**NEW, **ticked})
    await send(PublishTab.publish, "/settings/objects/planet?tab=publish")
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        types = {field.name: field.type for field in work.definition("planet").fields}
    assert {"address": "address", "team": "team", "stage": "select", "email": "email"}.items() <= types.items()
