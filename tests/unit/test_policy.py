"""Compiled policies answer as Casbin's own `enforce` does, and roles inherit at any depth."""

import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
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
    st.sampled_from(("allow", "allow", "deny", "restrict")),
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


def test_a_restriction_grants_nothing_and_stays_beside_what_is_granted() -> None:
    lines = [
        ("p", "a", "deal", "*", "read", "all", "allow"),
        ("p", "b", "deal", "*", "*", "own", "restrict"),
        ("p", "b", "company", "*", "read", "own", "restrict"),
    ]
    policy = Policy(MODEL, lines)
    access = policy.of(("a", "b"), "deal")
    assert (access.scopes, access.restrictions["read"]) == ({"read": frozenset({"all"})}, {"own"})
    assert not policy.of(("b",), "company").scopes


def test_an_effect_that_nobody_knows_allows_nothing() -> None:
    assert not Policy(MODEL, [("p", "a", "deal", "*", "read", "all", "alow")]).of(("a",), "deal").scopes


@pytest.mark.alone
def test_two_thousand_lines_compile_in_no_time_and_are_then_there() -> None:
    """The promise is 20 ms cold and 1 ms warm; a busy machine gets some room."""
    lines = [
        ("p", f"r{at % 40}", f"object{at % 50}", "*", ACTIONS[at % 8], "team" if at % 3 else "rule:size < 10", "allow")
        for at in range(1_960)
    ]
    lines += [("g", f"r{at}", f"r{at + 1}") for at in range(40)]
    lines = list(dict.fromkeys(lines))

    def seconds(act: Callable[[], object]) -> float:
        started = time.perf_counter()
        act()
        return time.perf_counter() - started

    cold = min(seconds(lambda: Policy(MODEL, lines).of(("r0", "r7"), "object7")) for _ in range(5))
    policy = Policy(MODEL, lines)
    policy.of(("r0", "r7"), "object7")
    warm = min(seconds(lambda: policy.of(("r0", "r7"), "object7")) for _ in range(5))
    assert (cold < 0.020, warm < 0.001) == (True, True), f"{cold * 1000:.1f} ms cold, {warm * 1000:.3f} ms warm"
