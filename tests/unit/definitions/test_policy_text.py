"""A role as text reads back as the same role, and a line that is wrong is named by its number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_app.definitions.load import BadDefinition
from crm_app.definitions.policy_text import read_role_text, role_text
from crm_app.definitions.role import ACTIONS, SCOPES, FieldLevel, Grant, RoleDefinition

NAMES = st.sampled_from(("deal", "company", "task"))
WORDS = st.text("abc äß,\"'#:- ", min_size=1, max_size=20).map(str.strip).filter(bool)
NOTES = WORDS.filter(lambda text: not text.startswith("#"))
RULES = WORDS.map(lambda text: f"rule:{text}")
ACTION_SETS = st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3, unique=True).map(tuple)
PLAIN = st.builds(
    Grant,
    objects=st.lists(st.sampled_from(("*", "deal", "task")), min_size=1, max_size=3, unique=True).map(tuple),
    actions=ACTION_SETS | st.just(("*",)),
    scope=st.sampled_from(SCOPES),
    effect=st.sampled_from(("allow", "deny", "restrict")),
    note=st.just("") | NOTES,
)
BY_RULE = st.builds(Grant, objects=st.tuples(NAMES), actions=ACTION_SETS, scope=RULES, note=st.just(""))
LEVELS = st.builds(FieldLevel, object=NAMES, field=NAMES, level=st.sampled_from(("none", "mask", "read")))
ROLES = st.builds(
    RoleDefinition,
    name=st.just("rep"),
    label=WORDS,
    kind=st.sampled_from(("role", "permission_set")),
    description=st.just("") | WORDS,
    inherits=st.lists(NAMES, max_size=2, unique=True).map(tuple),
    grants=st.lists(PLAIN | BY_RULE, max_size=4).map(tuple),
    field_levels=st.lists(LEVELS, max_size=3).map(tuple),
    archived=st.booleans(),
)


@given(ROLES)
def test_a_role_reads_back_as_it_was(role: RoleDefinition) -> None:
    text = role_text(role)
    assert read_role_text(text, "rep.csv").role.canonical() == role.canonical()
    assert role_text(read_role_text(text, "rep.csv").role) == text


def test_lines_and_comments_as_somebody_writes_them() -> None:
    text = """
    # Those who sell.
    role, rep, "Sales, inside"
    g, rep, junior

    # Their own to begin with
    p, rep, deal, *, read, own, allow
    p,rep,deal,*,edit,own,allow
    p, rep, deal, *, read, "rule:stage in ('won', 'lost')", allow
    p, rep, deal, margin, mask, all, deny
    """
    found = read_role_text(text, "rep.csv")
    assert (found.role.label, found.role.inherits) == ("Sales, inside", ("junior",))
    assert {grant.note for grant in found.role.grants} == {"Their own to begin with", ""}
    assert ("p", "rep", "deal", "*", "read", "rule:stage in ('won', 'lost')", "allow") in found.role.policy_lines()
    assert found.role.field_levels[0].level == "mask"
    assert [line.number for line in found.lines] == [7, 8, 9, 10]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("p, rep, deal, *, fly, all, allow", "There is no action 'fly'."),
        ("p, rep, deal, *, read, everywhere, allow", "There is no scope 'everywhere'."),
        ("p, rep, deal, *, read, rule:, allow", "There is no scope 'rule:'."),
        ("p, rep, deal, *, read, all, perhaps", "'perhaps' is no effect."),
        ("p, rep, deal, *, read, all", "Expected `p, ROLE, OBJECT, FIELD or *"),
        ("p, boss, deal, *, read, all, allow", "It is about 'boss', and this file about 'rep'."),
        ("p, rep, deal, margin, hide, all, deny", "'hide' is no level of a field."),
        ("p, rep, deal, margin, none, own, deny", "ends with `all, deny`"),
        ("g, rep", "Expected `g, ROLE, ROLE THAT IT INHERITS`."),
        ("x, rep", "'x' begins no line."),
        ("role, boss, Boss", "A file holds one role"),
    ],
)
def test_a_line_that_is_wrong_is_named_by_its_number(line: str, said: str) -> None:
    with pytest.raises(BadDefinition) as refused:
        read_role_text(f"role, rep, Rep\n\n{line}\n", "policies/rep.csv")
    (problem,) = refused.value.problems
    assert problem.path == "policies/rep.csv:3"
    assert said in problem.message


def test_a_file_without_a_role_says_how_one_begins() -> None:
    with pytest.raises(BadDefinition, match="It begins with `role, NAME, LABEL`"):
        read_role_text("# nothing\n", "policies/rep.csv")
