"""Public forms: whoever fills one in starts a run, in the rights of one named person, and learns nothing else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from crm_app.automation.checks import check
from crm_app.automation.public_forms import FREE_PER_ADDRESS, TRAP
from crm_app.services.automation_pauses import pause
from crm_app.services.record_query import RecordQuery
from crm_app.ui.door import DOOR
from crm_app.ui.http_guard import guarded
from crm_app.ui.public_forms import form_routes
from tests.integration.api_client import InProcess
from tests.workflows.builders import Automated, automation, deals_and_tasks
from tests.workflows.runs import next_run

FORM: dict[str, Any] = {
    "type": "form.submitted",
    "object": "deal",
    "title": "Ask <us>",
    "intro": "We answer within a day.",
    "inputs": [
        {"name": "company", "label": "Your company", "field": "name", "required": True},
        {"name": "budget", "label": "Budget", "field": "amount"},
        {"name": "stage", "label": "How far are you?", "field": "stage"},
        {"name": "email", "label": "Email", "required": True, "help": "Only for our answer."},
    ],
    "values": {"note": "from the web"},
}
MARK: dict[str, Any] = {"id": "mark", "type": "update", "values": {"note": "'Write to ' & vars.email"}}
SENT = {"company": "Acme", "budget": "500 USD", "stage": "engaging", "email": "a@example.org"}
HOSTILE = '"><script>alert(1)</script>{{7*7}}'


@dataclass
class Site:
    crm: Automated
    browser: httpx.Client

    def send(self, address: str = "/forms/ask", **values: str) -> tuple[int, str]:
        answer = self.browser.post(address, data={**SENT, **values})
        return answer.status_code, answer.text

    def deals(self, rule: str = "") -> list[str]:
        return self.crm.names(RecordQuery("deal", rule=rule))


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    crm = Automated(database_url, automation("ask", FORM, MARK, run_as="rita@example.com"))
    DOOR.connect(lambda: crm.workspace)
    transport = InProcess(guarded(form_routes()))
    yield Site(crm, httpx.Client(transport=transport, base_url="http://trellis"))
    crm.close()


def test_a_form_is_a_page_for_everybody_that_needs_no_script(site: Site) -> None:
    answer = site.browser.get("/forms/ask", headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert "Ask &lt;us&gt;" in answer.text
    assert "<script" not in answer.text
    assert 'aria-describedby="email-help"' in answer.text
    assert '<option value="engaging">Engaging</option>' in answer.text
    assert "set-cookie" not in answer.headers
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    for name in ("nope", "ask%2f..", "' or 1=1"):
        assert site.browser.get(f"/forms/{name}").status_code == 404


def test_what_is_sent_makes_a_record_and_a_run_once(site: Site) -> None:
    found = re.search(r'name="form-id" value="([^"]+)"', site.browser.get("/forms/ask").text)
    assert found
    for _ in range(2):
        status, page = site.send(**{"form-id": found[1]})
        assert (status, "Thank you" in page) == (200, True)
    assert site.deals("amount = 500 USD and stage = 'engaging' and note = 'from the web'") == ["Acme"]
    run = next_run(site.crm)
    assert run.run.runner == str(site.crm.rep.user_id)
    with site.crm.work() as work:
        given = work.connection.execute(text("SELECT input -> 'given' FROM crm.run")).scalar_one()
    assert given["email"] == "a@example.org"


def test_what_is_wrong_is_said_at_its_input_and_what_was_entered_stays(site: Site) -> None:
    status, page = site.send(budget="much", email="")
    assert status == 422
    assert 'id="email-bad"' in page
    status, page = site.send(budget="much")
    assert (status, 'id="budget-bad"' in page, 'value="Acme"' in page) == (422, True, True)
    assert site.deals() == []


def test_hostile_text_is_text(site: Site) -> None:
    status, page = site.send(company=HOSTILE, budget="x")
    assert status == 422
    assert "<script>" not in page
    assert site.send(company=HOSTILE)[0] == 200
    assert site.deals() == [HOSTILE]
    assert site.browser.post("/forms/ask", content=b"\xff\xfe=1").status_code == 422
    assert site.browser.post("/forms/ask", content=b"a=" + b"x" * 300_000).status_code == 422
    assert site.browser.post("/forms/ask", content="&".join(f"a{n}=1" for n in range(100))).status_code == 422
    assert site.send(company="x" * 6_000)[0] == 422


def test_robots_are_thanked_and_passed_over(site: Site) -> None:
    assert site.send(**{TRAP: "http://spam.example"})[0] == 200
    assert site.deals() == []


def test_who_sends_too_much_has_to_wait(site: Site) -> None:
    statuses = [site.send()[0] for _ in range(FREE_PER_ADDRESS + 2)]
    assert statuses == [200] * FREE_PER_ADDRESS + [429, 429]


def test_a_form_that_pauses_or_is_another_trigger_is_not_there(site: Site) -> None:
    with site.crm.work() as work:
        pause(work, "ask", keeps=False)
    assert (site.send()[0], site.browser.get("/forms/ask").status_code) == (404, 404)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"inputs": [*FORM["inputs"][1:]]}, "trigger/inputs"),
        ({"inputs": [*FORM["inputs"], FORM["inputs"][3]]}, "trigger/inputs/4/name"),
        ({"inputs": [*FORM["inputs"], {"name": "x", "label": "X", "field": "owner"}]}, "trigger/inputs/4/field"),
        ({"inputs": [*FORM["inputs"], {"name": "x", "label": "X", "field": "name"}]}, "trigger/inputs/4/field"),
        ({"match": ["note"]}, "trigger/match/0"),
        ({"values": {"name": "x"}}, "trigger/values/name"),
    ],
)
def test_a_form_that_cannot_work_is_not_published(changes: dict[str, Any], place: str) -> None:
    found = check(deals_and_tasks(automation("ask", {**FORM, **changes}, MARK, run_as="rita@example.com")))
    assert [problem.path for problem in found] == [f"automations/ask/{place}"]
