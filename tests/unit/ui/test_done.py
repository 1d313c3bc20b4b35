"""Ticking an activity off, wherever it shows."""

import pytest

from crm_app.kernel.actor import SystemActor
from crm_app.kernel.ids import new_id
from crm_app.ui.home.home_page import HomePage
from crm_app.ui.records.list_state import ListPage
from crm_app.ui.records.record_state import RecordPage
from tests.unit.ui.conftest import Crm, Send


async def test_a_list_of_activities_has_a_check_before_each_name(crm: Crm, send: Send) -> None:
    crm.create("task", subject="Call them")
    crm.create("task", subject="Write to them", done=True)
    found = (await send(ListPage.open, "/o/task?sort=subject"))["list_page"]
    assert [(line["name"], line["done"], line["can_mark"]) for line in found["lines"]] == [
        ("Call them", "no", True),
        ("Write to them", "yes", True),
    ]
    assert found["check"]["label"] == "Done"
    assert "Done" not in [heading["label"] for heading in found["headings"]]
    other = (await send(ListPage.open, "/o/company"))["list_page"]
    assert other["check"]["label"] == ""


async def test_a_task_is_ticked_off_in_its_list_and_leaves_the_list_of_overdue_ones(crm: Crm, send: Send) -> None:
    task = crm.create("task", subject="Call them", due_date="2020-01-02")
    address = "/o/task?view=overdue_tasks"
    assert len((await send(ListPage.open, address))["list_page"]["lines"]) == 1
    found = await send(ListPage.mark, address, record=str(task.ref.id), is_done=True)
    assert found["list_page"]["lines"] == []
    assert found["shell"]["notice"]["text"] == "Call them is marked as done."
    assert crm.read(task).values["done"] is True
    await send(ListPage.mark, "/o/task", record=str(task.ref.id), is_done=False)
    assert crm.read(task).values["done"] is False


async def test_a_task_is_ticked_off_on_the_timeline_of_what_it_is_about(crm: Crm, send: Send) -> None:
    company = crm.create("company", name="Iron Works")
    task = crm.create("task", subject="Call them", company=str(company.ref.id))
    path = f"/o/company/{company.ref.id}"
    entry = (await send(RecordPage.open, path))["record_page"]["entries"][0]
    assert (entry["title"], entry["done"], entry["done_label"]) == ("Call them", "no", "Done: Call them")
    found = await send(RecordPage.mark, path, object_name=entry["object"], record=entry["record"], is_done=True)
    assert found["record_page"]["entries"][0]["done"] == "yes"
    assert crm.read(task).values["done"] is True


async def test_a_task_is_ticked_off_and_on_again_on_its_own_page(crm: Crm, send: Send) -> None:
    task = crm.create("task", subject="Call them")
    path = f"/o/task/{task.ref.id}"
    head = (await send(RecordPage.open, path))["record_page"]["head"]
    assert (head["done"], head["done_text"]) == ("no", "Mark as done")
    sent = {"object_name": head["object"], "record": head["id"]}
    head = (await send(RecordPage.mark, path, **sent, is_done=True))["record_page"]["head"]
    assert (head["done"], head["done_text"]) == ("yes", "Mark as not done")


async def test_a_task_is_ticked_off_on_the_first_page(crm: Crm, send: Send) -> None:
    task = crm.create("task", owner="rita", subject="Call them", due_date="2030-01-02")
    item = (await send(HomePage.open, "/", who="rita"))["home_page"]["to_do"][0]
    assert item["can_mark"]
    found = await send(HomePage.mark, "/", who="rita", object_name=item["object"], record=item["id"])
    assert found["home_page"]["to_do"] == []
    assert crm.read(task).values["done"] is True


async def test_a_manager_sees_what_is_overdue_in_the_team(crm: Crm, send: Send) -> None:
    with crm.workspace.work(SystemActor("test")) as work:
        work.connection.exec_driver_sql(
            "UPDATE crm.team SET manager = %s WHERE name = 'Team ravi'", (crm.people["rita"],)
        )
        work.connection.exec_driver_sql(
            """INSERT INTO crm.user_role ("user", role) VALUES (%s, 'sales_manager')""", (crm.people["rita"],)
        )
    crm.create("task", owner="ravi", subject="Late", due_date="2020-01-02")
    crm.create("task", owner="ravi", subject="In time", due_date="2099-01-02")
    crm.create("task", owner="ravi", subject="Long done", due_date="2020-01-02", done=True)
    home = (await send(HomePage.open, "/", who="rita"))["home_page"]
    assert [(item["title"], item["owner"], item["is_late"]) for item in home["late"]] == [("Late", "Ravi Rep", True)]
    assert not (await send(HomePage.open, "/", who="ravi"))["home_page"].get("late")


@pytest.mark.parametrize("name", ["company", "nonsense"])
async def test_what_is_no_activity_cannot_be_done(crm: Crm, send: Send, name: str) -> None:
    company = crm.create("company", name="Iron Works")
    path = f"/o/company/{company.ref.id}"
    found = await send(RecordPage.mark, path, object_name=name, record=str(company.ref.id), is_done=True)
    assert found["shell"]["notice"]["kind"] == "bad"


async def test_a_foreign_task_is_as_absent_as_one_that_never_was(crm: Crm, send: Send) -> None:
    task = crm.create("task", owner="ravi", subject="Southern task")
    for record in (str(task.ref.id), str(new_id()), "nonsense"):
        found = await send(ListPage.mark, "/o/task", who="rita", record=record, is_done=True)
        assert found["shell"]["notice"]["kind"] == "bad"
        assert "Southern" not in str(found)
    assert crm.read(task).values["done"] is False
