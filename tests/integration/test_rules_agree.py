"""SQL and Python give one answer: the property that the language stands on.

`TRELLIS_RULE_PAIRS=100000` compares that many pairs of expression and record instead of about 2,000.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text

from crm_app.fields.rule_type import TEXT, list_of, ref
from crm_app.rules.check import check, check_tree
from crm_app.rules.errors import RuleError
from crm_app.rules.library import FUNCTIONS
from crm_app.rules.rule import Rule
from crm_app.rules.tree import Call, Node
from crm_app.storage.rule_sql import to_where
from tests.unit.rules import world
from tests.unit.rules.company import DEALS, TABLES, Company, founded, refuse_differences
from tests.unit.rules.expressions import CALLS, Writer, expression

BATCH = 8
PAIRS = int(os.environ.get("TRELLIS_RULE_PAIRS", "2000"))
LONG = 10_000


@pytest.fixture
def company(bare_database_url: str) -> Iterator[Company]:
    """Random records, seeded by the run; the session's own time zone must not matter."""
    url = bare_database_url.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("SET TIME ZONE 'America/St_Johns'"))
        yield founded(connection, Random(os.environ.get("TRELLIS_RULE_SEED", "1")))  # noqa: S311 - test data
    engine.dispose()


def _checked(tree: Node) -> Rule | None:
    """Some random rules are refused, for their size or for currencies known to differ."""
    try:
        return check_tree(tree, "deal", world.World(), expect=None, variables=world.VARIABLES)
    except RuleError:
        return None


def test_sql_and_python_agree_on_every_expression_and_record(company: Company) -> None:
    compared = 0

    @settings(
        max_examples=PAIRS * 9 // 8 // (DEALS * BATCH) + 1, deadline=None, database=None, derandomize=PAIRS < LONG
    )
    @given(st.integers(0, 2**63))
    def compare(seed: int) -> None:
        nonlocal compared
        random = Random(seed)  # noqa: S311 - test data
        trees = [expression(random.randrange, random.choice((3, 4, 4, 5))) for _ in range(BATCH)]
        rules = [rule for tree in trees if (rule := _checked(tree)) is not None]
        refuse_differences(company, rules)
        compared += DEALS * len(rules)

    compare()
    assert compared >= PAIRS * 8 // 10


def test_sql_and_python_agree_on_every_function(company: Company) -> None:
    random = Random(3)  # noqa: S311 - test data
    used: set[str] = set()
    for choices in CALLS.values():
        trees = [Writer(random.randrange).call_of(function, kinds, 2) for function, kinds in choices for _ in range(2)]
        rules = [rule for tree in trees if (rule := _checked(tree)) is not None]
        used |= {rule.tree.name for rule in rules if isinstance(rule.tree, Call)}
        refuse_differences(company, rules)
    assert used == set(FUNCTIONS.names())


NAMED = (
    "all(tags as t: t != 'won')",
    "count(tags as t where t in ['won', 'new'])",
    "max([qty, 3, old.qty])",
    "sum([amount, fee, 3 EUR])",
    "any([amount, fee] as m: m > 1 EUR)",
    "name in vars.words",
    "name not in vars.words",
    "name in vars.nothing",
    "vars.words contains name",
    "owner in vars.people",
    "any(vars.words as w: w = name)",
    "count(vars.nothing)",
    "tags is empty",
    "vars.nothing is empty",
    "'x' in []",
    "amount not in []",
    "null is empty",
    "if hot then null else 'a'",
    "max(tags as t: lower(t))",
    "owner.manager.deals is empty",
    "any(owner.deals as d: any(d.tags as t: t = stage))",
    "coalesce(null, amount)",
    "(if hot then owner else account.owner).manager.name",
    "any(coalesce(owner, me).deals: hot)",
    "avg([lag, P3D, P1D])",
    "year(now)",
    "name starts with '%' or name contains '_' or name ends with '/'",
    r"name contains '\'",
    # records linked to each other, from either end and across a hop
    "count(helpers)",
    "helpers is empty",
    "any(helpers where level > 0)",
    "all(helpers: region = 'EU')",
    "sum(helpers as u where u.level > 0: u.level)",
    "helpers contains owner",
    "not helpers contains owner",
    "owner in helpers",
    "any(helpers as u where u in helpers and count(u.helped) > 1)",
    "max(owner.helped: close_date)",
    "any(account.deals as d where d.helpers contains me)",
    "owner.helped is empty",
    "count(owner.manager.helped as d where d.helpers is not empty)",
    # what is read back must not take the type of the first part
    "coalesce(qty, 2.5) + 0.5",
    "if hot then qty else rate",
    # an aggregate that mentions only outer records would be PostgreSQL's aggregate of the outer query
    "max(owner.reports as x: close_date)",
    # NOT binds looser than what may stand around it
    "(not hot) is not empty and (not hot) = true",
    # BETWEEN takes no COLLATE without parentheses
    "name between lower('A') and upper('z')",
    # the edges of the calendar
    "@0001-01-01 - PT1H",
    "@9999-12-31 + P1D",
    "created_at + P3652058D",
    "max([created_at - @0001-01-01T00:00Z, lag])",
    "sum([P3652058D, P3652058D, lag])",
    "avg([P3652058D, P3652058D, lag])",
    "sum(owner.deals: P3652058D)",
    "lag * 10000000000000000000000",
    "2 / 3 - 1 / 3",
    "-7 / 2 + -7 % 2",
    "rate / 3 * 3 = rate",
    # the ends of texts, counts of any size, and texts that would grow too long
    "left(name, 100000000000000000000000) & right(name, -1) & right('', 3)",
    "left(name, qty) & substring(name, qty, qty)",
    "substring('abc', -100000000000000000000)",
    "replace(replace(replace(name & 'aaaaaaaaaaaaaaaaaa', 'a', 'aaaaaaaaaaaaaaaaaaa'), 'a', 'aaaaaaaaaaa'), 'a', note)",
    "split(replace(replace(replace('aaaa', 'a', 'aaaaaaaaaaaaaaa'), 'a', 'aaaaaaaaa'), 'a', 'a,a'), ',') is empty",
    "len(split('', ','))",
    "len(split(',,', ','))",
    "join([], 'x') & join(split(name, ''), name)",
    "any(split(name, 'b') as part: part = 'a')",
    "max(split(name, 'b') as part: len(part))",
    "name in split('a,b', ',') and split('a,b', ',') contains name",
    "split(note, name) is empty",
    # the order of letters, and numbers of any length
    "min(name, 'Z', lower(note)) < 'a'",
    "max(amount, fee) = max([amount, fee])",
    "number('1e5') is empty and number('.5') is empty and number('-007.10') = -7.1",
    "number('\u0661') is empty",
    "text(0 * -1.0) & text(rate) & text(qty * 10000000000000000000000)",
    "text(created_at) & text(close_date) & text(starts) & text(hot) & text(amount)",
    # clocks that are put forward and back, and the edges of the calendar
    "add_months(@2026-02-28T01:30Z, 1)",
    "add_months(@2026-02-08T07:30Z, 1)",
    "start_of(@2011-12-31T09:00Z, 'day')",
    "add_months(created_at, qty)",
    "add_months(close_date, -100000000000000000000)",
    "end_of(@9999-12-31, 'month') = @9999-12-31 and end_of(@9999-12-31, 'week') is empty",
    "start_of(@0001-01-01T00:00Z, 'week')",
    "end_of(@9999-12-31T23:59Z, 'day')",
    "business_days_between(close_date, created_at) - business_days_between(@0001-01-01, close_date)",
    "date('2024-02-29') > @2024-02-28 and date('2023-02-29') is empty and date('0000-01-01') is empty",
    "date('2026-13-01') is empty and date(' 2026-01-31 ') = @2026-01-31 and date('20260131xx') is empty",
    "week(close_date) * 100 + weekday(created_at) + hour(created_at) + minute(starts) + quarter(created_at)",
    "days(lag) + hours(now - created_at)",
    # money in other currencies, with and without a rate on the day
    "convert(amount, 'EUR') + convert(fee, 'EUR', close_date)",
    "convert(convert(amount, 'GBP'), 'EUR')",
    "convert(coalesce(amount, fee), 'EUR', created_at)",
    "convert(1 EUR, 'EUR', @9999-12-31T23:59Z)",
    "convert(1 CHF, 'EUR') is empty and convert(1 CHF, 'CHF') = 1 CHF",
    "amount(amount + fee) is empty or currency(amount) & currency(fee) in ['EUREUR', 'USDUSD']",
    "sum(account.deals: convert(amount, 'EUR'))",
    "is_changed(amount) or is_changed(tags) and is_changed(owner) and is_changed(lag)",
    # parts of fields, near and a hop away
    "office.latitude + account.home.longitude - old.office.latitude",
    "distance_km(office, account.home)",
    "max(account.deals as d: distance_km(d.office, old.office))",
    "any(account.deals: office.latitude > 0) and is_changed(office) and office is not empty",
    "floor(-0.5) + ceil(-0.5) + trunc(-10000000000000000000000000.5)",
)


def test_sql_and_python_agree_on_what_once_differed_or_is_rare(company: Company) -> None:
    variables = {"words": list_of(TEXT), "people": list_of(ref("user")), "nothing": list_of(TEXT)}
    known = world.VARIABLES | variables
    people = list(company.data.records["user"])[:2]
    lists = {"words": ["a", None, "b"], "people": people, "nothing": None}
    inputs = replace(company.given, variables={**company.given.variables, **lists})
    rules = [check(written, "deal", world.World(), expect=None, variables=known) for written in NAMED]
    refuse_differences(replace(company, given=inputs), rules)


FILTERS = {
    "amount": "amount > 50000 EUR and created_at < now",
    "stage": "stage = 'won' and not (hot or lag > P1D)",
    "close_date": "close_date between today - P30D and today and name is not empty",
    "created_at": "created_at >= @2026-01-01T00:00Z",
    "qty": "qty in [1, 2, 3] and (hot or lag > P1D)",
    "rate": "rate <= 2.5",
    "owner": "owner = me",
}


def test_a_filter_on_an_indexed_field_uses_the_index(company: Company) -> None:
    """Of what `and` joins, one part that an index serves is enough."""
    company.connection.execute(text("SET LOCAL enable_seqscan = off"))
    given = replace(company.given, me=next(iter(company.data.records["user"])))
    for field, condition in FILTERS.items():
        company.connection.execute(text(f"CREATE INDEX one_at_a_time ON rule_deal ({field})"))
        where = to_where(check(condition, "deal", world.World()).tree, company.columns, given)
        query = select(TABLES["deal"].c.id).where(where).compile(company.connection)
        plan = company.connection.exec_driver_sql(f"EXPLAIN {query}", query.params).scalars().all()
        assert any("Index Cond:" in line and f"({field} " in line for line in plan), plan
        company.connection.execute(text("DROP INDEX one_at_a_time"))
