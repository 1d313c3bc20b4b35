"""Records like others are found before they are saved, on every write path, and nobody learns of what is closed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.step_type import StepRun
from crm_app.automation.steps.create import CreateConfig
from crm_app.definitions.load import load_definition, load_package
from crm_app.definitions.mapping import ImportMapping
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Conflict
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.bulk_edit import Chosen, edit_records
from crm_app.services.duplicates import DuplicatesBlocked, DuplicatesFound, always
from crm_app.services.imports import import_files
from crm_app.services.record_query import RecordQuery
from crm_app.services.records import create_records, update_record
from crm_app.storage.wanted_indexes import wanted_indexes
from tests.builders import Crm, field, object_body, role_body
from tests.integration.api_client import opened
from tests.integration.test_indexes import indexes_of

CONTACTS = "/api/v1/objects/contact/records"
FILL = (
    "INSERT INTO data.contact (id, version, created_at, updated_at, name, email) "
    "SELECT gen_random_uuid(), 1, now(), now(), 'P', 'p' || n || '@x.com' FROM generate_series(1, 20000) n"
)


def package(**more: Any) -> Package:
    body: dict[str, Any] = object_body(
        "contact",
        field("email", "email"),
        field("city"),
        field("salary", "currency"),
        field("badge"),
        **{
            "duplicate_rules": [
                {"name": "same_email", "label": "Same e-mail", "match": ["email"]},
                {"name": "same_place", "label": "Same name and city", "match": ["name", "city"], "when": "city != 'X'"},
                {"name": "same_pay", "label": "Same salary", "match": ["salary"], "action": "block"},
                {"name": "same_badge", "label": "Same badge", "match": ["badge"], "action": "block"},
            ],
            **more,
        },
    )
    actions = ["read", "create", "edit", "delete", "bulk"]
    rep = role_body("rep", {"objects": ["contact"], "actions": actions, "scope": "own"})
    blind = role_body(
        "blind",
        {"objects": ["contact"], "actions": actions, "scope": "all"},
        field_levels=[{"object": "contact", "field": "city", "level": "none"}],
    )
    roles = {f"roles/{each['name']}.json": each for each in (rep, blind)}
    return load_package({"objects": {"objects/contact.json": body}, "roles": roles})


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, package())
    yield crm
    crm.close()


def found_by(refusal: pytest.ExceptionInfo[Conflict]) -> list[tuple[str, list[str]]]:
    return [
        (each["rule"], [record["name"] for record in each["records"]]) for each in refusal.value.details["duplicates"]
    ]


def test_text_is_compared_without_regard_to_case_spaces_and_how_accents_are_written(crm: Crm) -> None:
    crm.create("contact", name="Zoé ", city="Köln")
    with pytest.raises(DuplicatesFound) as refusal:
        crm.create("contact", name="ZOE\u0301", city=" köln")
    assert found_by(refusal) == [("same_place", ["Zoé "])]
    assert refusal.value.code == "duplicates"


def test_a_warning_passes_with_leave_and_names_what_is_alike(crm: Crm) -> None:
    first = crm.create("contact", name="Ann", email="Ann@example.com")
    with pytest.raises(DuplicatesFound) as refusal:
        crm.create("contact", name="Anna", email="ann@EXAMPLE.com")
    (found,) = refusal.value.details["duplicates"]
    assert found["records"] == [{"id": str(first.ref.id), "object": "contact", "name": "Ann"}]
    (problem,) = refusal.value.problems
    assert (problem.path, problem.message) == ("email", "Same e-mail: Ann.")
    assert crm.count(RecordQuery("contact")) == 1
    with crm.work() as work:
        create_records(work, "contact", [{"name": "Anna", "email": "ann@example.com"}], always)
    assert crm.count(RecordQuery("contact")) == 2


def test_what_is_empty_deleted_or_left_out_by_the_rule_is_like_nothing(crm: Crm) -> None:
    crm.create("contact", name="Ann", city="X")
    crm.create("contact", name="Ann", city="X")
    crm.create("contact", name="Bo")
    gone = crm.create("contact", name="Bo", email="b@example.com")
    crm.delete(gone.ref)
    crm.create("contact", name="Bo", email="b@example.com")


def test_money_is_compared_with_its_currency(crm: Crm) -> None:
    crm.create("contact", name="Ann", salary="5 USD")
    crm.create("contact", name="Bo", salary="5 EUR")
    with pytest.raises(DuplicatesBlocked):
        crm.create("contact", name="Cy", salary="5.00 EUR")


def test_a_change_is_asked_about_only_where_a_matched_field_changes(crm: Crm) -> None:
    crm.create("contact", name="Ann", email="a@example.com")
    other = crm.create("contact", name="Bo")
    with pytest.raises(DuplicatesFound):
        crm.update(other.ref, {"email": "a@example.com"})
    with crm.work() as work:
        update_record(work, other.ref, {"email": "a@example.com"}, passes=always)
    crm.update(other.ref, {"name": "Bob"})


def test_a_refusal_leaves_nothing_behind_in_a_transaction_that_goes_on(crm: Crm) -> None:
    kept = crm.create("contact", name="Ann", email="a@example.com")
    with crm.work() as work:
        with pytest.raises(DuplicatesFound):
            create_records(work, "contact", [{"name": "Two", "email": "a@example.com"}])
        update_record(work, kept.ref, {"city": "Bern"})
    assert crm.names(RecordQuery("contact")) == ["Ann"]


def test_records_of_one_list_are_compared_with_each_other(crm: Crm) -> None:
    same = [{"name": f"P {n}", "email": "p@example.com"} for n in range(3)]
    with crm.work() as work, pytest.raises(DuplicatesFound) as refusal:
        create_records(work, "contact", same)
    found = refusal.value.details["duplicates"]
    assert [(each["position"], each["positions"], each["records"]) for each in found] == [(1, [0], []), (2, [0, 1], [])]
    assert [problem.path for problem in refusal.value.problems] == ["1/email", "2/email"]
    assert refusal.value.problems[0].message == "Same e-mail: P 0 (in the same list)."


def test_a_warning_says_nothing_of_records_out_of_reach_and_a_block_only_that_there_are_some(crm: Crm) -> None:
    rep = crm.user("Rea", "rep")
    crm.create("contact", name="Secret", email="s@example.com", badge="7")
    crm.create("contact", rep, name="Mine", email="S@example.com")
    with pytest.raises(DuplicatesBlocked) as refusal:
        crm.create("contact", rep, name="Mine too", badge="7")
    assert found_by(refusal) == [("same_badge", [])]
    sentence = "Same badge: there is a contact like this already that you may not see. Ask somebody who may."
    assert refusal.value.problems[0].message == sentence
    assert "Secret" not in str(refusal.value) + repr(refusal.value.details)


def test_a_match_tells_nobody_what_is_in_a_field_closed_to_them(crm: Crm) -> None:
    blind = crm.user("Bea", "blind")
    crm.create("contact", name="Ann", city="Bern")
    crm.create("contact", blind, name="Ann")
    other = crm.create("contact", name="Eve", city="Bern")
    crm.update(other.ref, {"name": "Ann"}, blind)


def test_many_changed_at_once_are_refused_one_by_one(crm: Crm) -> None:
    first, second = (crm.create("contact", name=name) for name in ("Ann", "Bo"))
    chosen = [Chosen(first.ref.id), Chosen(second.ref.id)]
    with crm.work() as work:
        report = edit_records(work, "contact", chosen, {"email": "a@example.com"})
    assert report.done == [first.ref.id]
    assert [(each.code, each.reason) for each in report.refused] == [("duplicates", "Same e-mail: Ann.")]
    with crm.work() as work:
        assert edit_records(work, "contact", chosen, {"email": "a@example.com"}, always).refused == []


def test_the_rule_has_an_index_and_the_query_uses_it(crm: Crm) -> None:
    with crm.work() as work:
        work.connection.execute(text(FILL))
        work.connection.execute(text("ANALYZE data.contact"))
        (index,) = [each for each in wanted_indexes(work.catalog).values() if "Same e-mail" in each.reasons[0]]
        assert index.name in indexes_of(work.connection, "contact")
        plans: list[str] = []

        def explained(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            if "LATERAL" in statement and not statement.startswith("EXPLAIN"):
                found = work.connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
                plans.extend(row[0] for row in found)

        event.listen(work.connection, "before_cursor_execute", explained)
        create_records(work, "contact", [{"name": "Q", "email": "q@x.com"}])
    assert any(index.name in line for line in plans), "\n".join(plans)


def test_the_api_answers_with_what_is_alike_and_takes_leave(database_url: str) -> None:
    with opened(database_url, package()) as api:
        client = api.client()
        made = client.post(CONTACTS, json={"values": {"name": "Ann", "email": "a@example.com", "badge": "1"}}).json()
        same = {"values": {"name": "Anna", "email": "A@example.com"}}
        answer = client.post(CONTACTS, json=same)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (409, "duplicates")
        (found,) = error["details"]["duplicates"]
        assert found["rule"] == "same_email"
        assert found["records"] == [{"id": made["id"], "object": "contact", "name": "Ann"}]
        assert client.post(f"{CONTACTS}?allow_duplicates=perhaps", json=same).status_code == 422
        assert client.post(f"{CONTACTS}?allow_duplicates=true", json=same).status_code == 201
        many = client.post(f"{CONTACTS}/bulk", json={"records": [same]})
        assert many.json()["error"]["details"]["duplicates"][0]["rule"] == "same_email"
        assert client.post(f"{CONTACTS}/bulk?allow_duplicates=true", json={"records": [same]}).status_code == 201
        other = client.post(CONTACTS, json={"values": {"name": "Bo"}}).json()
        one, change = f"{CONTACTS}/{other['id']}", {"values": {"email": "a@example.com"}}
        assert client.patch(one, json=change).status_code == 409
        assert client.patch(f"{one}?allow_duplicates=true", json=change).status_code == 200
        blocked = client.patch(f"{one}?allow_duplicates=true", json={"values": {"badge": "1"}})
        assert (blocked.status_code, blocked.json()["error"]["code"]) == (409, "duplicates_blocked")
        named = client.get("/api/v1/objects/contact").json()["duplicate_rules"]
        assert [rule["name"] for rule in named] == ["same_email", "same_place", "same_pay", "same_badge"]


def test_an_import_takes_and_reports_what_a_rule_warns_of_and_refuses_what_it_blocks(crm: Crm, tmp_path: Path) -> None:
    crm.create("contact", name="Ann", email="a@example.com")
    file = tmp_path / "contacts.csv"
    file.write_text("name,email,badge\nAnna,A@example.com,1\nBo,b@example.com,2\nCy,,1\nDee,B@example.com,3\n")
    fields = {name: name for name in ("name", "email", "badge")}
    mapping = load_definition(
        ImportMapping,
        {
            "format_version": 1,
            "name": "people",
            "label": "People",
            "files": [{"file": "contacts.csv", "object": "contact", "key": ["name"], "fields": fields}],
        },
    )
    with crm.work() as work:
        (report,) = import_files(work, mapping, {"contacts.csv": file}).files
    assert {outcome: count for outcome, count in report.counts.items() if count} == {
        "created": 3,
        "duplicate": 2,
        "refused": 1,
    }
    assert [(remark.line, remark.outcome, str(remark)) for remark in report.remarks] == [
        (2, "duplicate", "email: Same e-mail: Ann."),
        (4, "refused", "badge: Same badge: Anna (in the same list)."),
        (5, "duplicate", "email: Same e-mail: Bo (in the same list)."),
    ]
    assert report.lines == 4


def test_a_step_of_an_automation_passes_a_warning_and_fails_on_a_block(crm: Crm) -> None:
    rep = crm.user("Rea", "rep")
    crm.create("contact", rep, name="Ann", email="a@example.com", badge="1")
    create = STEP_TYPES.get("create")
    config = CreateConfig(object="contact")

    def step(**values: str) -> None:
        with crm.work(rep) as work:
            given = {f"values/{name}": value for name, value in values.items()}
            create.run(StepRun(work, RecordRef("contact", new_id()), config, given, {}))

    step(name="Anna", email="a@example.com")
    with pytest.raises(DuplicatesBlocked):
        step(name="Bo", badge="1")
    assert sorted(crm.names(RecordQuery("contact"))) == ["Ann", "Anna"]
