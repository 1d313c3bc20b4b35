"""Values of the rule language as PostgreSQL expressions.

Inside an expression a duration is a `numeric` count of microseconds, which adds and compares exactly, and
money is an amount with every currency that has to be the same for the amount to mean anything. Numbers are
`numeric`, so that nothing overflows. All values are bound; what is literal here are constants of this
module.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Interval,
    Numeric,
    Text,
    Time,
    TypeDecorator,
    Uuid,
    and_,
    case,
    cast,
    collate,
    extract,
    func,
    literal,
    literal_column,
    null,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, array
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.types import TypeEngine

from crm_app.fields.rule_type import RuleType
from crm_app.kernel.money import Money
from crm_app.rules.exact import MAX_MICROSECONDS, MICROSECOND, QUOTIENT_PLACES

Element = ColumnElement[Any]
MAX_BIGINT = 2**63
_DAY_MICROSECONDS = 86_400_000_000
_LAST_DAY = 3_652_058


class WholeNumber(TypeDecorator[int]):
    """A `numeric` without decimals, read as an int."""

    impl = Numeric
    cache_ok = True

    def process_result_value(self, value: Any, dialect: object) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else int(value)


@dataclass(frozen=True)
class MoneySql:
    """`currencies` are texts known beforehand or expressions; where two differ the amount is null."""

    amount: Element
    currencies: tuple[Element | str, ...]

    def together(self, amount: Element, other: "MoneySql") -> "MoneySql":
        """An amount made of both."""
        rest = tuple(each for each in other.currencies if not any(each is mine for mine in self.currencies))
        texts = {each for each in self.currencies if isinstance(each, str)}
        return MoneySql(amount, self.currencies + tuple(each for each in rest if each not in texts))

    @property
    def agreement(self) -> ColumnElement[bool] | None:
        """That all currencies are one; `None` where it is certain."""
        first, *rest = [bound_text(each) for each in self.currencies]
        return and_(*(first == each for each in rest)) if rest else None

    def guarded(self) -> Element:
        return self.when_agreed(self.amount)

    def currency(self) -> Element:
        return self.when_agreed(bound_text(self.currencies[0]))

    def when_agreed(self, value: Element) -> Element:
        agreement = self.agreement
        return value if agreement is None else case((agreement, value))


Sql = Element | MoneySql


def bound_text(value: Element | str) -> Element:
    return literal(value, Text()) if isinstance(value, str) else value


_TYPES: dict[str, TypeEngine[Any]] = {
    "bool": Boolean(),
    "int": Numeric(),
    "decimal": Numeric(),
    "money": Numeric(),
    "text": Text(),
    "enum": Text(),
    "null": Text(),
    "date": Date(),
    "datetime": DateTime(timezone=True),
    "time": Time(),
    "duration": Numeric(),
    "ref": Uuid(),
    "json": JSONB(),
}


def sql_type(rule_type: RuleType) -> TypeEngine[Any]:
    return _TYPES[rule_type.kind]


def bind(value: Any, rule_type: RuleType) -> Sql:
    """A value as a parameter of its type."""
    if isinstance(value, Money):
        return MoneySql(literal(value.amount, Numeric()), (value.currency,))
    if value is None:
        nothing = cast(null(), sql_type(rule_type))
        return MoneySql(nothing, (cast(null(), Text()),)) if rule_type.kind == "money" else nothing
    if isinstance(value, timedelta):
        return literal(Decimal(value // MICROSECOND), Numeric())
    if isinstance(value, int) and not isinstance(value, bool):
        is_small = -MAX_BIGINT <= value < MAX_BIGINT
        return literal(value, BigInteger()) if is_small else literal(Decimal(value), Numeric())
    return literal(value, sql_type(rule_type))


def array_of(values: Sequence[Element], item: RuleType) -> Element:
    """Typed, so that it may be empty."""
    kind = sql_type(item)
    return cast(array(values, type_=kind), ARRAY(kind))


def plain(value: Sql) -> Element:
    """The one expression of a value; of money the amount."""
    return value.guarded() if isinstance(value, MoneySql) else value


def money(value: Sql) -> MoneySql:
    if isinstance(value, MoneySql):
        return value
    raise TypeError("not money")


def by_code_point(text: Element) -> Element:
    """Order that is the same everywhere."""
    return grouped(collate(text, "C"))


def grouped(value: Element) -> Element:
    """In parentheses: the precedence of NOT, COLLATE and their like is PostgreSQL's business, not ours to
    guess.
    """
    return Grouping(value)


def numeric(value: Element) -> Element:
    return cast(value, Numeric())


def as_result(value: Element, rule_type: RuleType) -> Element:
    """Says how the database's answer is read, whatever the parts of the expression were."""
    if rule_type.kind == "duration":
        return interval(value)
    if rule_type.kind == "list":
        return value
    return type_coerce(value, WholeNumber() if rule_type.kind == "int" else sql_type(rule_type))


def quotient(left: Element, right: Element) -> Element:
    """Half away from zero at 20 decimals: `div` truncates exactly, so one decimal more decides."""
    digits = QUOTIENT_PLACES + 1
    truncated = func.div(numeric(left) * literal_column(f"1e{digits}"), func.nullif(numeric(right), 0))
    rounded = func.round(truncated * literal_column(f"1e-{digits}"), QUOTIENT_PLACES)
    return func.trim_scale(rounded, type_=Numeric())


def within(value: Element, below: str, above: str, result: TypeEngine[Any]) -> Element:
    """Null at or outside the two limits, which are SQL constants; the value is written only once."""
    low, high = literal_column(below, result), literal_column(above, result)
    clamped = func.greatest(func.least(value, high), low)
    return func.nullif(func.nullif(clamped, high), low, type_=result)


def bounded(microseconds: Element) -> Element:
    limit = MAX_MICROSECONDS + 1
    return within(microseconds, f"-{limit}::numeric", f"{limit}::numeric", Numeric())


def microseconds(interval: Element) -> Element:
    return extract("epoch", interval) * 1_000_000


def interval(count: Element) -> Element:
    text = cast(func.trunc(count), Text()).concat(literal_column("' microseconds'"))
    return cast(text, Interval())


def moved_date(day: Element, count: Element) -> Element:
    """The duration is rounded down to days: shifted to be positive, so that truncation does."""
    shift = 4_000_000
    days = func.div(count + literal_column(str(shift * _DAY_MICROSECONDS)), _DAY_MICROSECONDS) - shift
    total = (day - literal_column("DATE '0001-01-01'")) + days
    kept = within(total, "-1::numeric", f"{_LAST_DAY + 1}::numeric", Numeric())
    return type_coerce(_constant("DATE '0001-01-01'", Date()) + cast(kept, Integer()), Date())


def moved_instant(instant: Element, count: Element) -> Element:
    total = microseconds(instant) + count
    kept = within(total, "-62135596800000001::numeric", "253402300800000000::numeric", Numeric())
    local = _constant("TIMESTAMP '1970-01-01'", DateTime()) + interval(kept)
    return func.timezone("UTC", local, type_=DateTime(timezone=True))


def _constant(text: str, kind: TypeEngine[Any]) -> Element:
    return literal_column(text, kind)


def days_between(first: Element, second: Element) -> Element:
    return cast(first - second, Numeric()) * _DAY_MICROSECONDS


def conjunction(terms: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    return and_(true(), *terms)


def once(build: Callable[..., Element], *values: Element) -> Element:
    """What is made of values that it mentions several times, each written and evaluated once. The OFFSET keeps
    PostgreSQL from writing them out again.
    """
    labels = [value.label(f"value_{position}") for position, value in enumerate(values)]
    row = select(*labels).offset(literal_column("0")).correlate_except().subquery()
    return select(build(*row.c)).select_from(row).correlate_except(row).scalar_subquery()
