"""Sharing one record from its page, without a browser."""

from datetime import timedelta
from functools import partial

import pytest

from crm_app.definitions.role_edits import set_cell
from crm_app.kernel import clock
from crm_app.kernel.actor import UserActor
from crm_app.services import roles
from crm_app.services.lists import count_records
from crm_app.services.record_query import Record, RecordQuery
from crm_app.ui.address import record_path
from crm_app.ui.records.record_state import RecordPage
from crm_app.ui.records.share_state import ShareDialog
from tests.unit.ui.conftest import Crm, Send


@pytest.fixture
def deal(crm: Crm) -> Record:
    """Rita's; reps may share what is their own."""
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        roles.edit_role(work, "sales_rep", "Share", partial(set_cell, name="deal", action="share", scope="own"))
        roles.save_role(work, "sales_rep", "")
    return crm.create("deal", "rita", name="Big one")


def seen(crm: Crm, who: str) -> int:
    with crm.workspace.work(UserActor(crm.people[who])) as work:
        return count_records(work, RecordQuery("deal")).value


async def test_a_record_is_shared_for_a_while_and_taken_back(crm: Crm, send: Send, deal: Record) -> None:
    place = record_path("deal", deal.ref.id)
    page = await send(RecordPage.open, place, who="rita")
    assert page["record_page"]["head"]["can_share"]
    assert (await send(ShareDialog.ask, place, who="rita"))["share_dialog"]["lines"] == []
    found = (await send(ShareDialog.suggest, place, who="rita", text="rav"))["share_dialog"]["suggestions"]
    assert [(each["label"], each["kind"]) for each in found] == [("Ravi Rep", "Person"), ("Team ravi", "Team")]
    last = (clock.now() + timedelta(days=3)).date().isoformat()
    form = {"grantee": found[0]["value"], "level": "read", "until": last}
    lines = (await send(ShareDialog.share, place, who="rita", form=form))["share_dialog"]["lines"]
    assert [(line["name"], line["what"]) for line in lines] == [
        ("Ravi Rep", f"may read it until the end of {last}, says Rita Rep")
    ]
    assert seen(crm, "ravi") == 1
    assert not (await send(RecordPage.open, place, who="ravi"))["record_page"]["head"]["can_share"]
    await send(ShareDialog.take_back, place, who="rita", share=lines[0]["id"])
    assert seen(crm, "ravi") == 0


async def test_who_may_not_share_is_told_nothing(crm: Crm, send: Send, deal: Record) -> None:
    place = record_path("deal", deal.ref.id)
    mine = {"grantee": f"user:{crm.people['ravi']}", "level": "edit", "until": ""}
    asked = ((ShareDialog.ask, {}), (ShareDialog.suggest, {"text": ""}), (ShareDialog.share, {"form": mine}))
    for handler, payload in asked:
        delta = await send(handler, place, who="ravi", **payload)
        assert not delta.get("share_dialog", {}).get("lines")
        assert not delta.get("share_dialog", {}).get("suggestions")
    assert seen(crm, "ravi") == 0


async def test_a_last_day_that_is_none_is_refused(crm: Crm, send: Send, deal: Record) -> None:
    place = record_path("deal", deal.ref.id)
    form = {"grantee": f"user:{crm.people['ravi']}", "level": "read"}
    for until in ("soon", "2001-01-01", "9999-12-31"):
        await send(ShareDialog.share, place, who="rita", form={**form, "until": until})
    assert seen(crm, "ravi") == 0
