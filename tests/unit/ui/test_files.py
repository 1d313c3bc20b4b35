"""What the browser loads and sends as files, by the session cookie alone."""

import csv
from collections.abc import AsyncIterator
from io import StringIO
from typing import Any

import httpx
import pytest

from crm_app.definitions.load import load_package
from crm_app.definitions.model import changed
from crm_app.definitions.package import Package
from crm_app.definitions.role import Grant
from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.services.definitions import publish
from crm_app.services.lists import list_records
from crm_app.services.record_query import RecordQuery
from crm_app.ui.door import COOKIE
from crm_app.ui.file_routes import file_routes
from crm_app.ui.http_guard import guarded
from crm_app.ui.records.form_state import RecordForm
from crm_app.ui.records.list_state import ListPage
from crm_app.ui.records.record_state import RecordPage
from tests.builders import field, object_body
from tests.integration.files import PNG
from tests.unit.ui.conftest import Crm, Send


@pytest.fixture
async def browser(crm: Crm) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=guarded(file_routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://crm.test") as client:
        client.cookies.set(COOKIE, crm.secrets["admin"])
        yield client


def rows(answer: httpx.Response) -> list[list[str]]:
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_the_export_of_a_view_has_its_records_fields_and_order(browser: httpx.AsyncClient, crm: Crm) -> None:
    for name, amount in (("Small", "10"), ("=Big()", "900")):
        crm.create("deal", name=name, stage="prospecting", amount=amount)
    crm.create("deal", name="Gone", stage="lost", amount="5000")
    answer = await browser.get("/exports/deal.csv?view=open_deals&sort=-amount&f=stage:eq:prospecting")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["content-disposition"]
    assert rows(answer) == [
        ["Name", "Amount", "Company", "Close date"],
        ["'=Big()", "900", "", ""],
        ["Small", "10", "", ""],
    ]
    stages = rows(await browser.get("/exports/deal.csv?f=stage:eq:lost"))
    assert stages[1][:2] == ["Gone", "Lost"]


async def test_an_export_needs_a_session_and_the_right_to_export(browser: httpx.AsyncClient, crm: Crm) -> None:
    browser.cookies.set(COOKIE, crm.secrets["rita"])
    refused = await browser.get("/exports/deal.csv")
    assert (refused.status_code, refused.text) == (403, "Your role doesn't let you export deals.")
    browser.cookies.clear()
    assert (await browser.get("/exports/deal.csv")).status_code == 401
    browser.cookies.set(COOKIE, "made-up")
    assert (await browser.get("/exports/deal.csv")).status_code == 401


async def test_strange_addresses_are_refused_with_a_sentence(browser: httpx.AsyncClient) -> None:
    for path in ("/exports/nothing.csv", "/exports/deal.csv?view=none", "/exports/..%2fdeal.csv"):
        answer = await browser.get(path)
        assert answer.status_code == 404, path
    assert (await browser.get("/exports/deal.csv?sort=nothing")).status_code == 422


async def test_the_export_button_is_there_for_whoever_may_export(send: Send) -> None:
    path = "/o/deal?view=open_deals&f=stage:eq:won"
    shown = await send(ListPage.open, path)
    assert shown["list_page"]["header"]["export_href"] == "/exports/deal.csv?view=open_deals&f=stage:eq:won"
    shown = await send(ListPage.open, path, "rita")
    assert shown["list_page"]["header"]["export_href"] == ""


PDF = b"%PDF-1.7\n" + b"0" * 100
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
OWN = {"origin": "http://crm.test"}


def with_papers(crm: Crm) -> None:
    """Publishes an object whose records hold files, for everybody."""
    paper = object_body(
        "paper", field("scan", "file"), field("pictures", "file", config={"many": True, "kinds": ["image"]})
    )
    with crm.workspace.work(SystemActor("test")) as work:
        publish(work, load_package({"objects": {"objects/paper.json": paper}}))
    with crm.workspace.work(SystemActor("test")) as work:
        (rep,) = (each for each in work.schema.stored.roles if each.name == "sales_rep")
        papers = Grant(objects=("paper",), actions=("read", "create"))
        publish(work, Package(roles=(changed(rep, grants=(*rep.grants, papers)),)))


async def sent(browser: httpx.AsyncClient, name: str, content: bytes) -> str:
    answer = await browser.post("/files", params={"name": name}, content=content, headers=OWN)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_browser_sends_and_gets_files_by_its_cookie(browser: httpx.AsyncClient, crm: Crm) -> None:
    with_papers(crm)
    file = await sent(browser, "a.pdf", PDF)
    back = await browser.get(f"/files/{file}")
    assert (back.content, back.headers["content-type"]) == (PDF, "application/pdf")
    browser.cookies.set(COOKIE, crm.secrets["rita"])
    assert (await browser.get(f"/files/{file}")).status_code == 404
    browser.cookies.clear()
    assert (await browser.get(f"/files/{file}")).status_code == 401
    assert (await browser.post("/files?name=a.pdf", content=PDF, headers=OWN)).status_code == 401


@pytest.mark.parametrize("headers", [{}, {"origin": "http://evil.example"}, {"origin": "null"}])
async def test_a_file_from_a_page_of_another_site_is_refused(
    browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await browser.post("/files?name=a.pdf", content=PDF, headers=headers)
    assert (answer.status_code, answer.text) == (403, "This file was sent from another site.")


async def test_only_plain_pictures_are_shown_in_a_page(browser: httpx.AsyncClient, crm: Crm) -> None:
    with_papers(crm)
    shown: dict[str, str] = {}
    for name, content in (
        ("a.png", PNG),
        ("a.svg", SVG),
        ("a.pdf", PDF),
        ("a.html", b"<html><script>x</script></html>"),
    ):
        answer = await browser.get(f"/files/{await sent(browser, name, content)}?inline")
        shown[name] = answer.headers["content-disposition"].partition(";")[0]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert shown == {"a.png": "inline", "a.svg": "attachment", "a.pdf": "attachment", "a.html": "attachment"}


async def test_refusals_are_sentences(browser: httpx.AsyncClient, crm: Crm) -> None:
    with_papers(crm)
    answer = await browser.post("/files?name=a.png", content=PDF, headers=OWN)
    assert (answer.status_code, answer.text) == (422, "a.png is not what its name says: its content is no .png.")


def fields_of(form: dict[str, Any]) -> list[dict[str, Any]]:
    return [field for tab in form["tabs"] for section in tab["sections"] for field in section["fields"]]


async def test_a_form_takes_the_files_that_were_sent_and_a_record_links_to_them(
    browser: httpx.AsyncClient, crm: Crm, send: Send
) -> None:
    with_papers(crm)
    shown = (await send(RecordForm.open_new, "/o/paper/new"))["record_form"]
    picks = {field["name"]: field["pick"] for field in fields_of(shown)}
    assert picks["scan"]["max_files"] == 1
    assert ".pdf" in picks["scan"]["accept"]
    assert ".pdf" not in picks["pictures"]["accept"]
    scan, picture = await sent(browser, "scan.pdf", PDF), await sent(browser, "me.png", PNG)
    form = {"has::name": "", "name": "P", "has::scan": "", "scan": scan, "has::pictures": "", "pictures": picture}
    await send(RecordForm.create, "/o/paper/new", form=form)
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        record = list_records(work, RecordQuery("paper")).records[0]
    path = f"/o/paper/{record.ref.id}"
    page = (await send(RecordPage.open, path))["record_page"]
    cells = {
        item["label"]: item["cell"] for tab in page["tabs"] for section in tab["sections"] for item in section["items"]
    }
    link = {"name": "scan.pdf", "size": "109 bytes", "href": f"/files/{scan}", "picture": ""}
    assert cells["Scan"]["files"] == [link]
    assert cells["Pictures"]["files"][0]["picture"] == f"/files/{picture}?inline"
    again = (await send(RecordForm.open_edit, f"{path}/edit"))["record_form"]
    held = [field["pick"]["held"] for field in fields_of(again) if field["name"] == "scan"]
    assert held == [[{"id": scan, "name": "scan.pdf", "size": 109}]]


async def test_a_form_can_not_name_the_file_of_somebody_else(browser: httpx.AsyncClient, crm: Crm, send: Send) -> None:
    with_papers(crm)
    browser.cookies.set(COOKIE, crm.secrets["rita"])
    foreign = await sent(browser, "scan.pdf", PDF)
    form = {"has::name": "", "name": "P", "has::scan": "", "scan": foreign}
    await send(RecordForm.open_new, "/o/paper/new")
    found = await send(RecordForm.create, "/o/paper/new", form=form)
    assert "not yours to attach" in found["record_form"]["errors"]["scan"]
