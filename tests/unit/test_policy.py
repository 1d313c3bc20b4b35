"""Compiled policies answer as Casbin's own `enforce` does, and roles inherit at any depth."""

from itertools import product
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from crm_app.access.policy import ACTIONS, Policy

MODEL = (Path(__file__).resolve().parents[2] / "policies" / "model.conf").read_text()
ROLES, OBJECTS = ("a", "b", "c"), ("deal", "company")
LINE = st.tuples(
    st.just("p"),
    st.sampled_from(ROLES),
    st.sampled_from(("*", *OBJECTS)),
    st.just("*"),
    st.sampled_from(("*", "read", "edit", "delete")),
    st.sampled_from(("own", "team", "all")),
    st.sampled_from(("allow", "allow", "deny")),
)
INHERITANCE = st.tuples(st.just("g"), st.sampled_from(ROLES), st.sampled_from(ROLES)).filter(lambda g: g[1] != g[2])


@given(st.lists(LINE, max_size=12), st.lists(INHERITANCE, max_size=3))
def test_the_compiled_answer_is_the_enforced_one(
    lines: list[tuple[str, ...]], inheritance: list[tuple[str, ...]]
) -> None:
    policy = Policy(MODEL, list(dict.fromkeys([*lines, *inheritance])))
    for role, name, action in product(ROLES, OBJECTS, ACTIONS):
        assert policy.of((role,), name).allows(action) == policy.enforcer.enforce(role, name, "any", action)


def test_a_deny_far_up_a_deep_hierarchy_still_denies() -> None:
    chain = [("g", f"r{i}", f"r{i + 1}") for i in range(40)]
    lines = [("p", "r0", "*", "*", "*", "all", "allow"), ("p", "r40", "deal", "*", "delete", "all", "deny")]
    access = Policy(MODEL, [*chain, *lines]).of(("r0",), "deal")
    assert access.allows("read")
    assert not access.allows("delete")


def test_roles_that_inherit_in_a_circle_end() -> None:
    policy = Policy(MODEL, [("g", "a", "b"), ("g", "b", "a"), ("p", "b", "deal", "*", "read", "own", "allow")])
    assert policy.of(("a",), "deal").scopes == {"read": frozenset({"own"})}


def test_no_role_grants_nothing() -> None:
    assert Policy(MODEL, [("p", "a", "*", "*", "*", "all", "allow")]).of((), "deal").scopes == {}


def test_a_lowered_field_is_hidden_whatever_another_role_allows() -> None:
    lines = [
        ("p", "a", "deal", "*", "*", "all", "allow"),
        ("p", "b", "deal", "margin", "none", "all", "deny"),
        ("p", "b", "deal", "cost", "mask", "all", "deny"),
    ]
    access = Policy(MODEL, lines).of(("a", "b"), "deal")
    assert (access.hidden, access.masked) == ({"margin"}, {"cost"})
    assert access.read_only == {"margin", "cost"}
