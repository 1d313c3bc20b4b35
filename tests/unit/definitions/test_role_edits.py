"""Editing a role: every cell can be set, taken and set back, and the rest of the role stays."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_app.definitions.checks.role_inheritance import check
from crm_app.definitions.load import load_definition
from crm_app.definitions.package import Package
from crm_app.definitions.role import ACTIONS, SCOPES, RoleDefinition
from crm_app.definitions.role_edits import NEVER, new_role, set_cell, set_condition, set_inherits, set_level, set_texts
from crm_app.kernel.errors import Invalid

OBJECTS = ("*", "deal", "company")
GRANT = st.fixed_dictionaries(
    {
        "objects": st.lists(st.sampled_from(OBJECTS), min_size=1, max_size=3, unique=True),
        "actions": st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=4, unique=True),
    },
    optional={"scope": st.sampled_from(SCOPES), "effect": st.sampled_from(("allow", "deny"))},
)
BODY = st.lists(GRANT, max_size=5).map(
    lambda grants: {"format_version": 1, "name": "rep", "label": "Rep", "grants": grants}
)


def role(body: dict[str, Any]) -> RoleDefinition:
    return load_definition(RoleDefinition, body)


def lines(body: dict[str, Any]) -> set[tuple[str, ...]]:
    return set(role(body).policy_lines())


@given(BODY, st.sampled_from(OBJECTS), st.sampled_from(ACTIONS), st.sampled_from(("", NEVER, *SCOPES)))
def test_a_cell_holds_what_it_was_set_to_and_all_others_what_they_held(
    body: dict[str, Any], name: str, action: str, scope: str
) -> None:
    after = lines(set_cell(body, name, action, scope))
    here = {line for line in after if (line[2], line[4]) == (name, action)}
    expected = {
        "": set[tuple[str, ...]](),
        NEVER: {("p", "rep", name, "*", action, "all", "deny")},
    }.get(scope, {("p", "rep", name, "*", action, scope, "allow")})
    assert here == expected
    assert after - here == {line for line in lines(body) if (line[2], line[4]) != (name, action)}


def test_grants_that_say_the_same_become_one() -> None:
    body = new_role("rep", "Rep", "role")
    for name in ("deal", "task"):
        for action in ("edit", "read"):
            body = set_cell(body, name, action, "team")
    assert body["grants"] == [{"objects": ["deal", "task"], "actions": ["read", "edit"], "scope": "team"}]
    assert set_cell(set_cell(body, "deal", "read", "all"), "deal", "read", "team")["grants"][0]["scope"] == "team"


def test_a_star_of_actions_is_taken_apart_where_one_of_them_changes() -> None:
    body: dict[str, Any] = {**new_role("rep", "Rep", "role"), "grants": [{"objects": ["deal"], "actions": ["*"]}]}
    after = lines(set_cell(body, "deal", "delete", ""))
    assert {line[4] for line in after} == set(ACTIONS) - {"delete"}


def test_a_field_level_is_set_changed_and_taken_away() -> None:
    body = set_level(new_role("rep", "Rep", "role"), "deal", "margin", "mask")
    body = set_level(body, "deal", "cost", "none")
    assert [each["field"] for each in body["field_levels"]] == ["cost", "margin"]
    assert set_level(set_level(body, "deal", "cost", "edit"), "deal", "margin", "edit").get("field_levels") is None


def test_what_is_no_scope_and_no_level_is_refused() -> None:
    with pytest.raises(Invalid):
        set_cell(new_role("rep", "Rep", "role"), "deal", "edit", "everything")
    with pytest.raises(Invalid):
        set_cell(new_role("rep", "Rep", "role"), "deal", "fly", "all")
    with pytest.raises(Invalid):
        set_level(new_role("rep", "Rep", "role"), "deal", "cost", "secret")


def test_a_new_role_begins_with_what_another_grants() -> None:
    like = set_inherits(
        set_cell(set_texts(new_role("rep", "Rep", "role"), "Rep", "Sells"), "deal", "read", "all"), ["a"]
    )
    assert new_role("junior", "Junior", "role", like)["inherits"] == ["a"]
    copied = new_role("extra", "Extra", "permission_set", like)
    assert (copied["kind"], copied["grants"], "inherits" in copied) == ("permission_set", like["grants"], False)


def problems(*bodies: dict[str, Any]) -> list[str]:
    return [str(each) for each in check(Package(roles=tuple(role(body) for body in bodies)))]


def test_roles_that_inherit_in_a_circle_are_refused_with_the_circle() -> None:
    a, b, c = (set_inherits(new_role(n, n, "role"), [to]) for n, to in (("a", "b"), ("b", "c"), ("c", "a")))
    assert "roles/a/inherits: a → b → c → a is a circle. Take one of them out." in problems(a, b, c)
    assert problems(a, b, new_role("c", "C", "role")) == []


def test_a_permission_set_stands_in_no_hierarchy() -> None:
    extra = new_role("extra", "Extra", "permission_set")
    found = problems(set_inherits(extra, ["rep"]), set_inherits(new_role("rep", "Rep", "role"), ["extra"]))
    assert any("inherits nothing" in each for each in found)
    assert any("besides their role" in each for each in found)


def test_nobody_redefines_the_role_that_every_workspace_has() -> None:
    assert problems(new_role("admin", "Mine", "role")) == [
        "roles/admin/name: 'admin' is the role that every workspace has. Choose another name."
    ]


def test_a_note_stays_with_the_cell_and_the_rule_that_it_is_about() -> None:
    noted = {"objects": ["deal"], "actions": ["read", "edit"], "scope": "team", "note": "As agreed in spring"}
    ruled = {"objects": ["deal"], "actions": ["read"], "scope": "rule:amount > 5 USD", "note": "The big ones"}
    body = {"format_version": 1, "name": "rep", "label": "Rep", "grants": [noted, ruled]}
    changed = set_cell(body, "deal", "read", "all")
    assert changed["grants"] == [
        {**noted, "actions": ["edit"]},
        ruled,
        {"objects": ["deal"], "actions": ["read"], "note": "As agreed in spring"},
    ]
    assert set_cell(changed, "deal", "read", "")["grants"] == [{**noted, "actions": ["edit"]}, ruled]
    other = set_condition(changed, "deal", 0, {"actions": ["read"], "scope": "rule:amount > 7 USD"})
    assert other["grants"][1] == {**ruled, "scope": "rule:amount > 7 USD"}
