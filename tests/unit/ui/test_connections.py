"""The page of connections takes secrets in and never shows one, and only to administrators."""

from crm_app.kernel.actor import SystemActor
from crm_app.services.connections import opened_connection
from crm_app.ui.records.record_state import RecordPage
from crm_app.ui.settings.connections_state import ConnectionsPage
from tests.unit.ui.conftest import Crm, Send

AT = "/settings/connections"
FORM = {
    "name": "erp",
    "base_url": "https://erp.example.com",
    "auth": "bearer",
    "secret": "t0ken",
    "headers": "X-Shop: 7",
}


async def test_a_connection_is_made_changed_and_removed(crm: Crm, send: Send) -> None:
    await send(ConnectionsPage.open, AT)
    made = await send(ConnectionsPage.save, AT, form=FORM)
    page = made["connections_page"]
    assert [(line["name"], line["place"], line["note"]) for line in page["lines"]] == [
        ("erp", "https://erp.example.com", "has a secret")
    ]
    chosen = (await send(ConnectionsPage.choose, AT, kind="http", name="erp"))["connections_page"]["form"]
    assert (chosen["is_new"], chosen["headers"], chosen["has_secret"]) == (False, "X-Shop: 7", True)
    kept = await send(ConnectionsPage.save, AT, form={**FORM, "name": "other", "secret": "", "headers": ""})
    assert "t0ken" not in f"{made}{chosen}{kept}"
    with crm.workspace.work(SystemActor("test")) as work:
        assert opened_connection(work, "erp")[1] == "t0ken"
    gone = (await send(ConnectionsPage.remove, AT, name="erp"))["connections_page"]
    assert gone["lines"] == []


async def test_a_mistake_is_told_at_its_input(send: Send) -> None:
    await send(ConnectionsPage.open, AT)
    chosen = await send(ConnectionsPage.choose, AT, kind="smtp", name="")
    assert chosen["connections_page"]["form"]["kind"] == "smtp"
    wrong = {"name": "Mail!", "host": "", "sender": "nobody"}
    errors = (await send(ConnectionsPage.save, AT, form=wrong))["connections_page"]["errors"]
    assert set(errors) == {"name", "host", "sender"}


async def test_who_does_not_administer_sees_and_changes_nothing(crm: Crm, send: Send) -> None:
    await send(ConnectionsPage.save, AT, form=FORM)
    for found in (
        await send(ConnectionsPage.open, AT, who="rita"),
        await send(ConnectionsPage.choose, AT, who="rita", kind="http", name="erp"),
        await send(ConnectionsPage.remove, AT, who="rita", name="erp"),
        await send(ConnectionsPage.save, AT, who="rita", form={**FORM, "base_url": "https://evil.example"}),
    ):
        assert "erp.example.com" not in str(found)
    with crm.workspace.work(SystemActor("test")) as work:
        assert opened_connection(work, "erp")[1] == "t0ken"


async def test_nothing_is_started_that_is_not_there(crm: Crm, send: Send) -> None:
    company = crm.create("company", name="Acme")
    path = f"/o/company/{company.ref.id}"
    shown = (await send(RecordPage.open, path))["record_page"]
    assert not shown.get("startable")
    refused = await send(RecordPage.start, path, automation="won_follow_up")
    assert "no such workflow" in str(refused["shell"]["notice"])
