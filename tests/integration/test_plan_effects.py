"""A plan says of each change who sees it and what depends on it."""

from collections.abc import Iterator

import pytest

from crm_app.automation.plans import PLANS
from crm_app.automation.rules import rules_of
from crm_app.definitions.model import changed
from crm_app.definitions.package import Package
from crm_app.services.definitions import How, plan
from crm_app.services.renames import rename
from tests.builders import Crm, field, object_body, role_body
from tests.integration.test_publish import objects
from tests.integration.test_rename import business

HOW = How(automations=PLANS)


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, business())
    yield crm
    crm.close()


def notes(crm: Crm, package: Package) -> dict[str, tuple[str, ...]]:
    with crm.work() as work:
        return {f"{change.kind} {change.path}": change.notes for change in plan(work, package, HOW)}


def test_a_renamed_field_names_who_sees_it_and_what_it_touches(crm: Crm) -> None:
    for name in ("Ann", "Bob"):
        crm.user(name)
    with crm.work() as work:
        package = rename(work, Package(), "objects/deal/fields/amount", "value", rules_of)
    found = notes(crm, package)
    assert found["rename objects/deal/fields/value"] == (
        "Seen by 2 people in 3 roles: Administrator, Boss, Rep.",
        "Touches 2 views, 1 layout, 1 pipeline, 1 workflow, 1 role, 1 field, 1 check and 1 duplicate rule.",
    )
    assert found["change views/big"] == ("Seen by 2 people in 3 roles: Administrator, Boss, Rep.",)
    assert found["change roles/rep"] == ("2 people have this role.",)


def test_what_a_role_hides_is_not_seen_by_it(crm: Crm) -> None:
    crm.user("Ann")
    with crm.work() as work:
        rep = next(role for role in work.schema.stored.roles if role.name == "rep")
        (level,) = rep.field_levels
    crm.publish(Package.of({"roles": [changed(rep, field_levels=(changed(level, level="none"),))]}))
    with crm.work() as work:
        package = rename(work, Package(), "objects/deal/fields/amount", "value", rules_of)
    (first, *_) = notes(crm, package)["rename objects/deal/fields/value"]
    assert first == "Seen by 0 people in 2 roles: Administrator, Boss."


def test_a_new_object_is_seen_by_those_to_whom_the_same_plan_opens_it(crm: Crm) -> None:
    crm.user("Ann")
    everything = {"objects": ["planet"], "actions": ["read"]}
    body = role_body("rep", everything)
    package = objects(object_body("planet", field("size")), roles={"roles/rep.json": body})
    assert notes(crm, package)["add objects/planet"] == ("Seen by 1 person in 2 roles: Administrator, Rep.",)
