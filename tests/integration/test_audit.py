"""The audit: what is in it, who reads what of it, and that it can be searched."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from crm_app.definitions.load import load_package
from crm_app.kernel import clock
from crm_app.kernel.actor import AutomationActor
from crm_app.kernel.errors import Forbidden, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.audit_entries import with_reason
from crm_app.services.audit_log import AuditQuery, every_entry, read_audit
from crm_app.services.bulk_edit import Chosen, edit_records
from crm_app.services.field_history import field_history
from crm_app.services.records import update_record
from tests.builders import role_body
from tests.integration.api_client import Api, opened

AUDIT = "/api/v1/audit"


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url) as api:
        yield api


def found(api: Api, reader: str = "max", **parameters: str) -> list[dict[str, Any]]:
    answer = api.client(reader).get(AUDIT, params=parameters)
    assert answer.status_code == 200, answer.text
    return [each for each in answer.json()["entries"] if not each["name"].startswith("key.")]


def test_a_change_is_there_with_actor_before_after_and_reason(api: Api) -> None:
    deal = UUID(api.deal("ann", name="Old"))
    with api.crm.work(api.people["ann"]) as work:
        with_reason(work, "  The customer\nasked. ")
        update_record(work, RecordRef("deal", deal), {"name": "New"})
    entry, made = found(api, record=str(deal), object="deal")
    assert entry["actor"]["name"] == "Ann"
    assert entry["changes"] == [{"field": "Name", "before": "Old", "after": "New"}]
    assert (entry["reason"], entry["record_name"], made["name"]) == ("The customer asked.", "New", "record.created")


def test_what_was_done_together_is_found_together(api: Api) -> None:
    deals = [UUID(api.deal("max", name=f"D{n}")) for n in range(3)]
    api.deal("max", name="Alone")
    with api.crm.work(api.people["max"]) as work:
        edit_records(work, "deal", [Chosen(each) for each in deals], {"name": "Same"})
    head = found(api, action="records.bulk_edited")[0]
    together = found(api, correlation=head["id"])
    assert sorted(each["name"] for each in together) == ["record.updated"] * 3 + ["records.bulk_edited"]
    run = new_id()
    actor = AutomationActor("renewal", run, api.people["max"].user_id, 1, api.crm.vouch("renewal"))
    api.crm.update(RecordRef("deal", deals[0]), {"name": "By it"}, actor)
    [entry] = found(api, correlation=str(run))
    assert (entry["actor"]["automation"], entry["actor"]["name"]) == ("renewal", "Max")


def test_it_is_searched_by_person_action_object_time_and_text(api: Api) -> None:
    deal = api.deal("ann", name="Searched 100%")
    api.crm.create("company", api.people["bob"], name="Nordwind")
    assert [e["object"] for e in found(api, who="bob@example")] == ["company"]
    assert [e["object"] for e in found(api, who=str(api.people["bob"].user_id))] == ["company"]
    assert found(api, who="nobody") == []
    assert [e["record"] for e in found(api, q="searched 100%")] == [deal]
    assert found(api, q="searched 100_") == []
    assert {e["name"] for e in found(api, action="record.created", object="company")} == {"record.created"}
    tomorrow = (clock.now() + timedelta(days=1)).date().isoformat()
    assert found(api, since=tomorrow) == []
    assert found(api, until=clock.now().date().isoformat())


def test_pages_are_whole_and_follow_each_other(api: Api) -> None:
    for number in range(7):
        api.deal("ann", name=f"D{number}")
    client = api.client("max")
    pages: list[list[str]] = []
    after = ""
    while True:
        asked = {"object": "deal", "limit": "3", **({"after": after} if after else {})}
        page = client.get(AUDIT, params=asked).json()
        pages.append([each["changes"][0]["after"] for each in page["entries"]])
        after = page["next"]
        if not after:
            break
    assert pages == [["D6", "D5", "D4"], ["D3", "D2", "D1"], ["D0"]]


def test_only_administrators_read_it(api: Api) -> None:
    for path in (AUDIT, f"{AUDIT}.csv", f"{AUDIT}.ndjson"):
        assert api.client("ann").get(path).status_code == 403
        assert api.client("").get(path).status_code == 401
    with api.crm.work(api.people["ann"]) as work, pytest.raises(Forbidden):
        list(every_entry(work, AuditQuery()))
    assert "/v1/audit" not in api.client("ann").get("/api/openapi.json").json()["paths"]
    assert "/v1/audit" in api.client("max").get("/api/openapi.json").json()["paths"]


@pytest.mark.parametrize(
    "asked", [{"record": "x"}, {"since": "soon"}, {"limit": "0"}, {"limit": "1001"}, {"after": "1"}, {"x": "y"}]
)
def test_a_search_that_can_not_be_read_is_refused(api: Api, asked: dict[str, str]) -> None:
    assert api.client("max").get(AUDIT, params=asked).status_code == 422


def test_an_administrator_sees_no_more_of_records_in_it_than_elsewhere(api: Api) -> None:
    """What a field holds that is closed today is closed in the past as well, and no search tells it."""
    grants = [{"objects": ["*"], "actions": ["administer"]}, {"objects": ["deal"], "actions": ["read"], "scope": "own"}]
    level = [{"object": "deal", "field": "secret", "level": "none"}]
    api.crm.publish(load_package({"roles": {"roles/auditor.json": role_body("auditor", *grants, field_levels=level)}}))
    api.people["eve"] = api.crm.user("Eve", role="auditor")
    api.deal("ann", name="Anns", secret="kanarienvogel")
    api.deal("eve", name="Eves", secret="kanarienvogel")
    for told in (found(api, "eve", object="deal"), found(api, "eve", q="kanarienvogel"), found(api, "eve")):
        assert "kanarienvogel" not in json.dumps(told)
        assert "Anns" not in json.dumps(told)
    closed, own = sorted(found(api, "eve", object="deal"), key=lambda each: each["changes"] is not None)
    assert closed["changes"] is None
    assert "Eves" in json.dumps(own["changes"])
    assert found(api, "eve", q="kanarienvogel") == []
    assert found(api, "eve", q="Ann", object="deal") == []
    assert len(found(api, "max", q="kanarienvogel")) == 2


def test_it_is_exported_as_lines_and_as_csv_and_that_is_audited(api: Api) -> None:
    for number in range(3):
        api.deal("ann", name=f"=D{number}")
    client = api.client("max")
    lines = client.get(f"{AUDIT}.ndjson", params={"object": "deal"}).text.splitlines()
    assert [json.loads(line)["object"] for line in lines] == ["deal"] * 3
    answer = client.get(f"{AUDIT}.csv", params={"object": "deal"})
    head, *rows = csv.reader(io.StringIO(answer.text))
    assert head[:3] == ["time", "who", "what"]
    assert len(rows) == 3
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert [each["name"] for each in found(api, action="audit.exported")] == ["audit.exported"] * 2


def test_the_text_of_a_search_looks_on_from_page_to_page(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_app.storage.audit_search.TEXT_SCAN", 4)
    api.deal("ann", name="Needle")
    for number in range(9):
        api.deal("ann", name=f"Hay {number}")
    with api.crm.work(api.people["max"]) as work:
        page = read_audit(work, AuditQuery(text="needle"))
        assert (page.entries, page.next is not None) == ((), True)
        assert [entry.record_name for entry in every_entry(work, AuditQuery(text="needle"))] == ["Needle"]


def test_a_field_tells_what_it_was_and_who_set_it_to_whoever_may_read_it(api: Api) -> None:
    ref = RecordRef("deal", UUID(api.deal("ann", name="First", secret="kanarienvogel")))
    api.crm.update(ref, {"name": "Second"}, api.people["ann"])
    actor = AutomationActor("renewal", new_id(), api.people["max"].user_id, 1, api.crm.vouch("renewal"))
    api.crm.update(ref, {"name": "Third", "secret": "zaunkoenig"}, actor)
    with api.crm.work(api.people["ann"]) as work:
        found = [(past.by, past.before, past.after) for past in field_history(work, ref, "name")]
        for name in ("secret", "nothing"):
            with pytest.raises(NotFound):
                field_history(work, ref, name)
    assert found == [
        ("Max through workflow renewal", "Second", "Third"), ("Ann", "First", "Second"),
        ("Trellis (test)", "", "First"),
    ]  # fmt: skip
    with api.crm.work(api.people["max"]) as work:
        assert [past.after for past in field_history(work, ref, "secret")] == ["zaunkoenig", "kanarienvogel"]
    with api.crm.work(api.people["bob"]) as work, pytest.raises(NotFound):
        field_history(work, ref, "name")
