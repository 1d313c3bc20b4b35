"""A small company that rules are tried on: deals, accounts and users, with every type, nulls and awkward
values.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from crm_app.fields.catalog import FIELD_TYPES
from crm_app.fields.field_type import FieldConfig
from crm_app.fields.rule_type import (
    BOOL,
    DATE,
    DATETIME,
    DECIMAL,
    DURATION,
    INT,
    MONEY,
    TEXT,
    TIME,
    RuleType,
    list_of,
    ref,
)
from crm_app.kernel.money import Money
from crm_app.rules.inputs import Inputs
from crm_app.rules.scope import FieldInfo

STAGES = ("new", "open", "won", "lost")
STAGE = RuleType("enum", object="deal", field="stage", options=STAGES)
OFFICE = FIELD_TYPES.get("location").rule_type(FieldConfig())
TYPES: dict[str, dict[str, RuleType]] = {
    "deal": {
        "id": ref("deal").required(),
        "name": TEXT,
        "note": TEXT,
        "amount": MONEY,
        "fee": MONEY,
        "qty": INT,
        "rate": DECIMAL,
        "hot": BOOL,
        "stage": STAGE,
        "tags": list_of(STAGE),
        "close_date": DATE,
        "created_at": DATETIME,
        "lag": DURATION,
        "starts": TIME,
        "office": OFFICE,
        "owner": ref("user"),
        "account": ref("account"),
        "helpers": list_of(ref("user")),
    },
    "account": {
        "id": ref("account").required(),
        "name": TEXT,
        "credit": MONEY,
        "size": INT,
        "score": DECIMAL,
        "active": BOOL,
        "home": OFFICE,
        "founded": DATE,
        "seen": DATETIME,
        "opens": TIME,
        "owner": ref("user"),
        "deals": list_of(ref("deal")),
    },
    "user": {
        "id": ref("user").required(),
        "name": TEXT,
        "region": TEXT,
        "level": INT,
        "manager": ref("user"),
        "deals": list_of(ref("deal")),
        "reports": list_of(ref("user")),
        "helped": list_of(ref("deal")),
    },
}
INVERSES = {("account", "deals"): "account", ("user", "deals"): "owner", ("user", "reports"): "manager"}
HELPERS = ("deal", "helpers")
HELPED = ("user", "helped")
VARIABLES = {
    "flag": BOOL,
    "count": INT,
    "ratio": DECIMAL,
    "budget": MONEY,
    "word": TEXT,
    "day": DATE,
    "moment": DATETIME,
    "span": DURATION,
    "hour": TIME,
    "steps.first.total": DECIMAL,
}
WORDS = (
    *("", " ", "a", "A", "b", "ab", "Ab", "aB", "won", "EU", "straße", "STRASSE", "İi", "ΑΣ", "Σ", "ǅ", "ŉ", "ﬁ", "Ä"),
    *("é", "e\u0301", "\u00a0x ", "%", "_", "a%b", "\\", "/", "a/b", "'", "''", '"', "\U0001d4b3", "\uffff", "日本"),
    *("\t", "a\nb", "Z", "z"),
)
NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


class World:
    """The scope: what `check` asks."""

    def fields(self, object: str, /) -> Mapping[str, FieldInfo] | None:  # noqa: A002 - the product's word
        types = TYPES.get(object)
        if types is None:
            return None
        return {
            name: FieldInfo(name, rule_type, inverse=INVERSES.get((object, name), ""))
            for name, rule_type in types.items()
        }


OFFICES = ("52.52, 13.405", "48.1371, 11.5754", "-33.8688, 151.2093", "0, 0", "90, -180", "0, 180", "-52.52, -166.595")
TIMES = (time(0), time(9, 30), time(9, 30, 0, 1), time(12), time(23, 59, 59, 999999))
AMOUNTS = ("0", "1", "-1", "2", "3", "0.5", "2.5", "-2.5", "1000", "50000", "0.00000000005", "99999.99", "7")
SPANS = (timedelta(0), timedelta(days=30), timedelta(hours=-5), timedelta(days=-1, microseconds=1))
WHOLES = (0, 1, -1, 2, 3, -7, 10, 1000, 2**53 + 1, 10**18, -(10**19))


def amount(random: Random) -> Decimal:
    return Decimal(random.choice(AMOUNTS))


def value(kind: str, random: Random) -> Any:
    return _VALUES[kind](random)


def _day(random: Random) -> date:
    if random.random() < 0.2:
        return random.choice((date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29)))
    return NOW.date() + timedelta(days=random.randrange(-40, 40))


def _instant(random: Random) -> datetime:
    edge = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
    if random.random() < 0.1:
        return random.choice(edge)
    return NOW + timedelta(minutes=random.randrange(-50_000, 50_000), microseconds=random.randrange(3))


_VALUES: dict[str, Callable[[Random], Any]] = {
    "bool": lambda random: random.random() < 0.5,
    "int": lambda random: random.choice(WHOLES),
    "decimal": amount,
    "money": lambda random: Money(amount(random), random.choice(("EUR", "EUR", "USD"))),
    "text": lambda random: random.choice(WORDS),
    "enum": lambda random: random.choice(STAGES),
    "list": lambda random: random.sample(STAGES, random.randrange(len(STAGES))),
    "date": _day,
    "datetime": _instant,
    "duration": lambda random: random.choice(SPANS),
    "time": lambda random: random.choice(TIMES),
}


@dataclass
class Data:
    """Records by object and id; `hidden` ones are not visible across a hop."""

    records: dict[str, dict[UUID, dict[str, Any]]] = field(default_factory=dict[str, dict[UUID, dict[str, Any]]])
    hidden: set[UUID] = field(default_factory=set[UUID])

    def follow(self, owner: str, identifier: UUID) -> dict[str, Any] | None:
        return None if identifier in self.hidden else self.records[owner].get(identifier)

    def related(self, owner: str, identifier: UUID, name: str) -> list[dict[str, Any]]:
        item = TYPES[owner][name].item
        assert item is not None
        found = [each for each in self.records[item.object].values() if each["id"] not in self.hidden]
        if (owner, name) == HELPERS:
            return []
        if (owner, name) == HELPED:
            return [each for each in found if identifier in (each["helpers"] or ())]
        return [each for each in found if each[INVERSES[owner, name]] == identifier]


def data(random: Random, deals: int) -> Data:
    """Random, with a third of all fields null; relations point at records that exist, or at nothing."""
    made = Data()
    counts = {"user": 6, "account": 8, "deal": deals}
    ids = {name: [UUID(int=random.getrandbits(128)) for _ in range(count)] for name, count in counts.items()}
    for name, identifiers in ids.items():
        made.records[name] = {each: _record(name, each, ids, random) for each in identifiers}
        made.hidden.update(each for each in identifiers if random.random() < 0.15)
    return made


def _record(name: str, identifier: UUID, ids: dict[str, list[UUID]], random: Random) -> dict[str, Any]:
    record: dict[str, Any] = {"id": identifier}
    for each, rule_type in TYPES[name].items():
        if each == "id" or (name, each) in INVERSES or (name, each) == HELPED:
            continue
        if random.random() < 0.3:
            record[each] = None
        elif (name, each) == HELPERS:
            record[each] = random.sample(ids["user"], random.randrange(4))
        elif rule_type.kind == "ref":
            record[each] = random.choice(ids[rule_type.object])
        elif rule_type.parts:
            record[each] = FIELD_TYPES.get("location").parse(random.choice(OFFICES), FieldConfig())
        else:
            record[each] = value(rule_type.kind, random)
    return record


RATES = (
    ("USD", date(1, 1, 1), Decimal(1)),
    ("EUR", date(2026, 1, 1), Decimal("1.08375")),
    ("EUR", date(2026, 3, 20), Decimal("1.1")),
    ("GBP", date(2026, 3, 28), Decimal("1.333333333333")),
)


def worth(currency: str, day: date) -> Decimal | None:
    known = [rate for code, since, rate in RATES if code == currency and since <= day]
    return known[-1] if known else None


def inputs(made: Data, record: Mapping[str, Any], random: Random) -> Inputs:
    """What every rule of one run is given; `old` is another deal."""
    return Inputs(
        record=record,
        old=random.choice(list(made.records["deal"].values())),
        variables={
            name: None if random.random() < 0.2 else value(kind.kind, random)
            for name, kind in VARIABLES.items()
            if not name.startswith("steps.")
        },
        steps={"first": {"total": Decimal("12.5")}},
        me=random.choice([None, *made.records["user"]]),
        now=NOW,
        time_zone=random.choice(("UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kathmandu")),
        follow=made.follow,
        related=made.related,
        worth=worth,
    )
