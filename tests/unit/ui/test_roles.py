"""The pages of roles, without a browser."""

from typing import Any

from crm_app.kernel.actor import UserActor
from crm_app.services import lists
from crm_app.services.record_query import RecordQuery
from crm_app.ui.roles.people_state import RolePeople
from crm_app.ui.roles.role_state import RolePage
from crm_app.ui.roles.roles_page import RolesPage
from tests.unit.ui.conftest import Crm, Send

ALL = "/settings/roles"
REP = f"{ALL}/sales_rep"


async def _page(send: Send) -> dict[str, Any]:
    return (await send(RolePage.open, REP))["role_page"]


async def _weighed(send: Send) -> dict[str, Any]:
    return (await send(RolePage.weigh, REP))["role_page"]["difference"]


def _cell(lines: list[dict[str, Any]], name: str, column: int) -> dict[str, Any]:
    return next(line for line in lines if line["name"] == name)["cells"][column]


def _seen(crm: Crm, who: str) -> int:
    with crm.workspace.work(UserActor(crm.people[who])) as work:
        return lists.count_records(work, RecordQuery("deal")).value


async def test_a_cell_is_changed_weighed_and_saved(crm: Crm, send: Send) -> None:
    crm.create("deal", "ravi", name="Theirs")
    page = await _page(send)
    assert (_cell(page["lines"], "deal", 0)["own"], page["head"]["state"]) == ("team", "")
    changed = (await send(RolePage.set_cell, REP, name="deal", action="read", scope="all"))["role_page"]
    assert (changed["head"]["state"], changed["head"]["can_save"]) == ("Changed", True)
    difference = await _weighed(send)
    assert difference["sentence"] == "1 person gains 1 deal."
    assert [(line["sign"], line["what"], line["people"]) for line in difference["lines"]] == [
        ("+", "See 1 deal", ["Rita Rep: 1"])
    ]
    assert _seen(crm, "rita") == 0
    saved = (await send(RolePage.save, REP, form={"reason": "One team"}))["role_page"]
    assert (saved["head"]["state"], saved["difference"]["lines"]) == ("", [])
    assert _seen(crm, "rita") == 1


async def test_fields_and_rules_of_an_object_are_set_and_shown(send: Send) -> None:
    await _page(send)
    await send(RolePage.open_object, REP, name="deal")
    await send(RolePage.set_level, REP, name="deal", field="amount", level="mask")
    condition = {"object": "deal", "at": "0", "effect": "restrict", "scope": "rule", "rule": "amount > 5 USD"}
    panel = (await send(RolePage.save_condition, REP, form={**condition, "actions::edit": "on"}))["role_page"]["panel"]
    assert [(each["effect"], each["rule"], each["is_new"]) for each in panel["conditions"]] == [
        ("restrict", "amount > 5 USD", False),
        ("allow", "", True),
    ]
    page = (await send(RolePage.close_object, REP))["role_page"]
    line = next(line for line in page["lines"] if line["name"] == "deal")
    assert (line["fields"], line["cells"][2]["rules"]) == ("1 field lowered", 1)
    assert "p, sales_rep, deal, *, edit, rule:amount > 5 USD, restrict" in page["head"]["text"]
    assert "p, sales_rep, deal, amount, mask, all, deny" in page["head"]["text"]
    panel = (await send(RolePage.remove_condition, REP, name="deal", at=0))["role_page"]["panel"]
    assert [each["is_new"] for each in panel["conditions"]] == [True]


async def test_what_does_not_fit_is_told_and_cannot_be_saved(send: Send) -> None:
    await _page(send)
    condition = {"object": "deal", "at": "0", "effect": "allow", "scope": "rule", "rule": "amont > 5 USD"}
    page = (await send(RolePage.save_condition, REP, form={**condition, "actions::read": "on"}))["role_page"]
    assert "no field 'amont'" in page["head"]["problems"][0]
    assert not page["head"]["can_save"]
    page = (await send(RolePage.discard, REP))["role_page"]
    assert (page["head"]["state"], page["head"]["problems"]) == ("", [])


async def test_a_permission_set_is_made_and_given_once_its_meaning_was_told(crm: Crm, send: Send) -> None:
    await send(RolesPage.open, ALL)
    form = {"label": "Every deal", "name": "every_deal", "kind": "permission_set", "like": ""}
    await send(RolesPage.create, ALL, form=form)
    place = f"{ALL}/every_deal"
    await send(RolePage.open, place)
    await send(RolePage.set_cell, place, name="deal", action="read", scope="all")
    await send(RolePage.save, place, form={"reason": ""})
    crm.create("deal", "ravi", name="Theirs")
    await send(RolePeople.find, place, text="rita")
    told = (await send(RolePeople.choose, place, form={"person": str(crm.people["rita"])}))["role_people"]
    assert told["weighed"] == "1 person gains 1 deal."
    given = (await send(RolePeople.give, place))["role_people"]
    assert [person["name"] for person in given["people"]] == ["Rita Rep"]
    assert _seen(crm, "rita") == 1
    lines = (await send(RolesPage.open, ALL))["roles_page"]["lines"]
    assert [(line["label"], line["kind"], line["people"]) for line in lines][0:2] == [
        ("Administrator", "Role", "1 person"),
        ("Every deal", "Permission set", "1 person"),
    ]


async def test_a_rep_is_told_nothing_of_roles(crm: Crm, send: Send) -> None:
    for handler, place in ((RolesPage.open, ALL), (RolePage.open, REP)):
        delta = await send(handler, place, who="rita")
        assert not any(delta.get(state, {}).get("lines") for state in ("roles_page", "role_page"))
    await send(RolePage.set_cell, REP, who="rita", name="deal", action="read", scope="all")
    await send(RolePeople.take, f"{ALL}/admin", who="rita", person=str(crm.people["admin"]))
    assert (await _page(send))["head"]["state"] == ""
