"""The company of `world`, stored in PostgreSQL, and what SQL and Python answer about its deals."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Interval,
    MetaData,
    Numeric,
    Table,
    Text,
    Time,
    Uuid,
    func,
    select,
    text,
)

from crm_app.kernel.money import Money
from crm_app.rules.inputs import Inputs
from crm_app.rules.python import compile_rule
from crm_app.rules.rule import Rule
from crm_app.storage.exchange_rates import WORTH
from crm_app.storage.rule_sql import money_to_sql, to_sql, to_where
from crm_app.storage.rule_sql_columns import LinkPath, TableColumns
from tests.unit.rules import world

DEALS = 40
SQL_TYPES = {
    "bool": Boolean(),
    "int": Numeric(),
    "decimal": Numeric(),
    "text": Text(),
    "enum": Text(),
    "list": ARRAY(Text()),
    "date": Date(),
    "datetime": DateTime(timezone=True),
    "duration": Interval(),
    "time": Time(),
    "ref": Uuid(),
}
METADATA = MetaData()


def _columns(owner: str) -> Iterator[Column[Any]]:
    for name, rule_type in world.TYPES[owner].items():
        if rule_type.kind == "money":
            yield Column(name, Numeric())
            yield Column(f"{name}__currency", Text())
        elif (owner, name) not in {*world.INVERSES, world.HELPERS, world.HELPED}:
            yield Column(name, SQL_TYPES[rule_type.kind], primary_key=name == "id")
        yield from (Column(f"{name}__{part.stored}", SQL_TYPES[part.type.kind]) for part in rule_type.parts)
    yield Column("hidden", Boolean())


TABLES = {owner: Table(f"rule_{owner}", METADATA, *_columns(owner)) for owner in world.TYPES}
RATES = Table(
    WORTH.name,
    METADATA,
    Column("currency", Text()),
    Column("valid_from", Date()),
    Column("worth", Numeric()),
    schema=WORTH.schema,
)
LINKS = Table("rule_deal_helpers", METADATA, Column("source", Uuid()), Column("target", Uuid()))


def link(owner: str, name: str) -> LinkPath | None:
    if (owner, name) == world.HELPERS:
        return LinkPath(LINKS, "source", "target")
    return LinkPath(LINKS, "target", "source") if (owner, name) == world.HELPED else None


@dataclass(frozen=True)
class Company:
    connection: Connection
    data: world.Data
    given: Inputs

    @property
    def columns(self) -> TableColumns:
        return TableColumns(
            TABLES["deal"], TABLES, world.INVERSES, lambda _object, source: source.c.hidden.is_(False), link
        )

    def answers(self, rules: list[Rule]) -> list[list[Any]]:
        """Per rule, what SQL says of each deal, and of a condition whether a WHERE keeps it."""
        selected = [part for rule in rules for part in _selected(rule, self)]
        query = select(*selected).select_from(TABLES["deal"]).order_by(TABLES["deal"].c.id)
        rows = self.connection.execute(query).all()
        columns = iter([list(column) for column in zip(*rows, strict=True)])
        return [found for rule in rules for found in _read(rule, columns)]

    def expected(self, rule: Rule) -> list[list[Any]]:
        compiled = compile_rule(rule)
        deals = sorted(self.data.records["deal"].values(), key=lambda deal: deal["id"])
        values = [compiled(replace(self.given, record=deal)) for deal in deals]
        if rule.type.kind == "money":
            return [
                [None if value is None else getattr(value, part) for value in values] for part in ("amount", "currency")
            ]
        if rule.type.kind == "bool":
            return [values, [value is True for value in values]]
        if rule.type.kind == "datetime":
            return [[None if value is None else value.replace(tzinfo=None) for value in values]]
        return [values]


def _read(rule: Rule, columns: Iterator[list[Any]]) -> list[list[Any]]:
    first = next(columns)
    if rule.type.kind not in {"money", "bool"}:
        return [first]
    second = next(columns)
    if rule.type.kind == "money":
        second = [None if amount is None else currency for amount, currency in zip(first, second, strict=True)]
    return [first, second]


def _selected(rule: Rule, company: Company) -> list[Any]:
    if rule.type.kind == "money":
        amount, currency = money_to_sql(rule.tree, company.columns, company.given)
        return [amount, currency]
    value = to_sql(rule.tree, company.columns, company.given)
    if rule.type.kind == "datetime":  # read without a zone: near the edges of the calendar a local time has no year
        return [func.timezone("UTC", value)]
    if rule.type.kind != "bool":
        return [value]
    return [value, to_where(rule.tree, company.columns, company.given).is_(True)]


def founded(connection: Connection, random: Random) -> Company:
    """Makes the tables and fills them."""
    data = world.data(random, DEALS)
    connection.execute(text(f"CREATE SCHEMA {RATES.schema}"))
    METADATA.create_all(connection)
    for owner, records in data.records.items():
        connection.execute(TABLES[owner].insert(), [_stored(each, data.hidden) for each in records.values()])
    helped = [(deal["id"], user) for deal in data.records["deal"].values() for user in deal["helpers"] or ()]
    connection.execute(LINKS.insert(), [{"source": source, "target": target} for source, target in helped])
    connection.execute(RATES.insert(), [dict(zip(RATES.c.keys(), rate, strict=True)) for rate in world.RATES])
    return Company(connection, data, world.inputs(data, {}, random))


def _stored(record: dict[str, Any], hidden: set[UUID]) -> dict[str, Any]:
    stored: dict[str, Any] = {"hidden": record["id"] in hidden}
    for name, value in record.items():
        if name == "helpers":
            continue
        stored[name] = value.amount if isinstance(value, Money) else value
        if name in {"office", "home"}:
            stored[name] = value and str.__str__(value)
            stored |= {f"{name}__{part}": value and value.parts[part] for part in ("lat", "lon")}
        if name in {"amount", "fee", "credit"}:
            stored[f"{name}__currency"] = None if value is None else value.currency
    return stored


def _plain(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def refuse_differences(company: Company, rules: list[Rule]) -> None:
    answers = iter(company.answers(rules)) if rules else iter(())
    for rule in rules:
        for expected in company.expected(rule):
            found = next(answers)
            assert [_plain(each) for each in found] == [_plain(each) for each in expected], rule.text
