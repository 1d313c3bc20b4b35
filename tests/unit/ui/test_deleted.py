"""The page of deleted records has as many pages as it needs."""

import pytest

from crm_app.kernel.actor import UserActor
from crm_app.services import records
from crm_app.ui.records import deleted_data
from crm_app.ui.records.deleted_page import DeletedPage
from tests.unit.ui.conftest import Crm, Send

AT = "/o/company/deleted"


def delete(crm: Crm, *names: str) -> None:
    for name in names:
        made = crm.create("company", name=name)
        with crm.workspace.work(UserActor(crm.people["admin"])) as work:
            records.delete_record(work, made.ref)


async def test_older_ones_are_on_the_next_page(crm: Crm, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleted_data, "PAGE_SIZE", 2)
    delete(crm, "One", "Two", "Three")
    first = (await send(DeletedPage.open, AT))["deleted_page"]
    assert [line["name"] for line in first["lines"]] == ["Three", "Two"]
    assert (first["range_text"], first["next_href"]) == ("1\N{EN DASH}2", f"{AT}?start=3")
    second = (await send(DeletedPage.open, first["next_href"]))["deleted_page"]
    assert [line["name"] for line in second["lines"]] == ["One"]
    assert (second["previous_href"], second["next_href"]) == (AT, "")
    after = (await send(DeletedPage.restore, first["next_href"], record=second["lines"][0]["id"]))["deleted_page"]
    assert (after["lines"], after["restored_name"]) == ([], "One")


@pytest.mark.parametrize("start", ["-1", "0", "x", "9" * 5_000, "\u0663", "1&" * 200])
async def test_a_page_that_can_not_be_is_the_first(crm: Crm, send: Send, start: str) -> None:
    delete(crm, "One")
    assert len((await send(DeletedPage.open, f"{AT}?start={start}"))["deleted_page"]["lines"]) == 1
