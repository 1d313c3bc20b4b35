"""A form that meets a duplicate says which records are alike, and saves anyway only what was told of."""

from crm_app.kernel.actor import UserActor
from crm_app.services.lists import list_records
from crm_app.services.record_query import RecordQuery
from crm_app.ui.records.form_state import RecordForm
from tests.unit.ui.conftest import Crm, Send

NEW = "/o/contact/new"


def form(**values: str) -> dict[str, str]:
    return {**values, **{f"has::{name}": "" for name in values}}


def names(crm: Crm) -> set[str]:
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        return {record.name for record in list_records(work, RecordQuery("contact")).records}


async def test_a_warning_names_the_records_and_the_same_form_is_then_saved(crm: Crm, send: Send) -> None:
    ann = crm.create("contact", name="Ann One", email="one@example.com")
    crm.create("contact", name="Bo Two", email="two@example.com")
    await send(RecordForm.open_new, NEW)
    found = await send(RecordForm.create, NEW, form=form(name="Ann Again", email="ONE@example.com"))
    (alike,) = found["record_form"]["alikes"]
    assert (alike["name"], alike["said"]) == ("Ann One", "Same email")
    assert alike["href"] == f"/o/contact/{ann.ref.id}"
    assert found["record_form"]["may_insist"] is True
    assert found["shell"]["focus"]["id"] == "alikes"

    other = await send(RecordForm.create, NEW, form=form(name="Ann Again", email="two@example.com"))
    assert [alike["name"] for alike in other["record_form"]["alikes"]] == ["Bo Two"]
    assert names(crm) == {"Ann One", "Bo Two"}

    saved = await send(RecordForm.create, NEW, form=form(name="Ann Again", email="Two@example.com"))
    assert saved["record_form"]["alikes"] == []
    assert names(crm) == {"Ann One", "Bo Two", "Ann Again"}


async def test_an_edit_is_asked_about_too(crm: Crm, send: Send) -> None:
    crm.create("contact", name="Ann One", email="one@example.com")
    other = crm.create("contact", name="Bo Two")
    path = f"/o/contact/{other.ref.id}/edit"
    await send(RecordForm.open_edit, path)
    found = await send(RecordForm.save, path, form=form(email="one@example.com"))
    assert found["record_form"]["alikes"][0]["name"] == "Ann One"
    assert crm.read(other).values["email"] is None
    await send(RecordForm.save, path, form=form(email="one@example.com"))
    assert crm.read(other).values["email"] == "one@example.com"
