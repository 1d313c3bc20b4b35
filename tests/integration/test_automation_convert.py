"""A lead becomes a company, a contact and a deal: whole, with what belonged to it, and back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from crm_app.automation.by_hand import start_by_hand
from crm_app.automation.checks import check
from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.files import Upload
from crm_app.services.lists import list_records
from crm_app.services.record_query import RecordQuery
from crm_app.services.records import get_record
from tests.builders import field, object_body, role_body
from tests.integration.test_automation_record_steps import done
from tests.workflows.builders import Automated, automation
from tests.workflows.runs import next_run

Make = Callable[..., Automated]
COMPANY: dict[str, Any] = {"name": "company", "object": "company", "match": {"name": "company_name"}}
CONTACT: dict[str, Any] = {
    "name": "contact",
    "object": "contact",
    "values": {"name": "name"},
    "links": {"company": "company"},
    "files": {"papers": "documents"},
}
DEAL: dict[str, Any] = {
    "name": "deal",
    "object": "deal",
    "when": "budget is not empty",
    "values": {"name": "'Deal with ' & company_name", "amount": "budget"},
    "links": {"companies": "company"},
}
NO_MOVES: dict[str, Any] = {"moves": []}
MOVES: list[dict[str, Any]] = [
    {"list": "task_lead", "to": "contact", "field": "contact"},
    {"list": "note_about", "to": "company"},
    {"list": "event_leads", "to": "deal", "field": "deals"},
]
CONVERT: dict[str, Any] = {"id": "turn", "type": "convert", "makes": [COMPANY, CONTACT, DEAL], "moves": MOVES}
BACK: dict[str, Any] = {"id": "back", "type": "unconvert", "step": "turn"}
OBJECTS = ["lead", "company", "contact", "deal", "task", "note", "event"]


def business(*steps: dict[str, Any]) -> Package:
    bodies = [
        object_body(
            "lead",
            field("company_name", "text"),
            field("budget", "currency"),
            field("documents", "file", config={"many": True}),
        ),
        object_body("company"),
        object_body("contact", _to("company"), field("papers", "file", config={"many": True})),
        object_body("deal", field("amount", "currency"), _links("companies", "company")),
        object_body("task", _to("lead"), _to("contact")),
        object_body("note", field("about", "relation", config={"objects": ["lead", "company"]})),
        object_body("event", _links("leads", "lead"), _links("deals", "deal")),
    ]
    everything = ["read", "create", "edit", "delete"]
    roles = [
        role_body("rep", {"objects": OBJECTS, "actions": everything}),
        role_body("junior", {"objects": [each for each in OBJECTS if each != "deal"], "actions": everything}),
    ]
    turn = automation("turn", {"type": "manual", "object": "lead"}, *steps)
    return load_package(
        {
            "objects": {f"objects/{body['name']}.json": body for body in bodies},
            "roles": {f"roles/{body['name']}.json": body for body in roles},
            "automations": {"automations/turn.json": turn},
        }
    )


def _to(name: str) -> dict[str, Any]:
    return field(name, "relation", config={"object": name})


def _links(name: str, target: str) -> dict[str, Any]:
    return field(name, "many_to_many", config={"object": target})


@pytest.fixture
def make(database_url: str) -> Iterator[Make]:
    made: list[Automated] = []

    def build(*steps: dict[str, Any]) -> Automated:
        crm = Automated(database_url)
        made.append(crm)
        crm.publish(business(*steps))
        return crm

    yield build
    for crm in made:
        crm.close()


def lead(crm: Automated, **values: Any) -> RecordRef:
    """With a paper, a task, a note and an event."""
    upload = Upload(crm.workspace, crm.rep, "offer.txt")
    upload.write(b"Our offer")
    documents = [{"id": str(upload.keep().id)}]
    ref = crm.create("lead", crm.rep, name="Lea", company_name="Acme", documents=documents, **values).ref
    crm.create("task", crm.rep, name="Call", lead=str(ref.id))
    crm.create("note", crm.rep, name="Seen", about=f"lead:{ref.id}")
    crm.create("event", crm.rep, name="Fair", leads=[str(ref.id)])
    return ref


def run(crm: Automated, ref: RecordRef) -> dict[str, dict[str, Any]]:
    with crm.work(crm.rep) as work:
        start_by_hand(work, "turn", [ref])
    return done(crm, next_run(crm))


def one(crm: Automated, name: str) -> dict[str, Any]:
    """The values of the one record of the object."""
    with crm.work(crm.rep) as work:
        (found,) = list_records(work, RecordQuery(name)).records
        return {"id": found.ref.id, **get_record(work, found.ref, names=False).values}


def test_a_lead_becomes_what_is_declared_and_all_that_belonged_to_it_goes_along(make: Make) -> None:
    crm = make(CONVERT)
    given = run(crm, lead(crm, budget="5000 USD"))["turn"]
    company, contact, deal = one(crm, "company"), one(crm, "contact"), one(crm, "deal")
    assert (company["name"], contact["name"], deal["name"]) == ("Acme", "Lea", "Deal with Acme")
    assert contact["company"] == company["id"]
    assert deal["companies"] == [company["id"]]
    assert [file["name"] for file in contact["papers"]] == ["offer.txt"]
    assert not one(crm, "lead")["documents"]
    task, event = one(crm, "task"), one(crm, "event")
    assert (task["lead"], task["contact"]) == (None, contact["id"])
    assert one(crm, "note")["about"] == RecordRef("company", company["id"])
    assert (event["leads"] or [], event["deals"]) == ([], [deal["id"]])
    assert given["company"] == str(company["id"])
    assert (given["company_created"], given["deal_created"]) == (True, True)


def test_a_company_that_is_known_is_taken_and_what_is_not_wanted_not_made(make: Make) -> None:
    crm = make(CONVERT)
    known = crm.create("company", crm.rep, name="Acme").ref.id
    given = run(crm, lead(crm))["turn"]
    assert (given["company"], given["company_created"]) == (str(known), False)
    assert (given["deal"], given["deal_created"]) == (None, False)
    assert one(crm, "contact")["company"] == known
    assert len(one(crm, "event")["leads"]) == 1


@pytest.mark.parametrize("deletes", [False, True])
def test_a_conversion_is_taken_back_whole(make: Make, deletes: bool) -> None:
    crm = make({**CONVERT, "delete": deletes}, BACK)
    known = crm.create("company", crm.rep, name="Acme").ref.id
    ref = lead(crm, budget="5000 USD")
    run(crm, ref)
    assert (crm.count(RecordQuery("contact")), crm.count(RecordQuery("deal"))) == (0, 0)
    assert one(crm, "company")["id"] == known
    assert [file["name"] for file in one(crm, "lead")["documents"]] == ["offer.txt"]
    assert (one(crm, "task")["lead"], one(crm, "task")["contact"]) == (ref.id, None)
    assert one(crm, "note")["about"] == ref
    assert one(crm, "event")["leads"] == [ref.id]


def test_whoever_may_not_make_all_of_it_makes_none(make: Make) -> None:
    crm = make(CONVERT)
    ref = lead(crm, budget="5000 USD")
    with crm.work() as work:
        work.connection.exec_driver_sql("UPDATE crm.user_role SET role = 'junior'")
    with pytest.raises(NotFound, match="no object 'deal'"):
        run(crm, ref)
    assert (crm.count(RecordQuery("company")), crm.count(RecordQuery("contact"))) == (0, 0)
    assert one(crm, "task")["lead"] == ref.id
    assert one(crm, "lead")["documents"]


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ({**CONVERT, "makes": [COMPANY, {**COMPANY}], **NO_MOVES}, "makes/1/name"),
        ({**CONVERT, "makes": [{**COMPANY, "object": "firm"}], **NO_MOVES}, "makes/0/object"),
        ({**CONVERT, "makes": [{**COMPANY, "match": {}}], **NO_MOVES}, "makes/0/values"),
        ({**CONVERT, "makes": [{**CONTACT, "links": {"company": "firm"}}], **NO_MOVES}, "makes/0/links/company"),
        ({**CONVERT, "makes": [COMPANY, {**CONTACT, "links": {"name": "company"}}], **NO_MOVES}, "makes/1/links/name"),
        (
            {**CONVERT, "makes": [COMPANY, {**CONTACT, "files": {"papers": "name"}}], **NO_MOVES},
            "makes/1/files/papers",
        ),
        ({**CONVERT, "makes": [COMPANY], "moves": [{"list": "nope", "to": "company"}]}, "moves/0/list"),
        ({**CONVERT, "makes": [COMPANY], "moves": [{"list": "task_lead", "to": "company"}]}, "moves/0/to"),
        ({**BACK, "step": "other"}, "step"),
    ],
)
def test_a_conversion_that_cannot_work_is_not_published(step: dict[str, Any], place: str) -> None:
    found = [problem.path.removeprefix("automations/turn/steps/0/") for problem in check(business(step))]
    assert found == [place]
