"""Exchange rates: what one unit of each currency is worth in the workspace's own, from a day on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm_app.fields.currency import is_currency_code
from crm_app.fields.field_type import FieldValueError
from crm_app.fields.number_rules import parse_decimal, plain
from crm_app.kernel.errors import Invalid, NotFound, Problem
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.in_person import require_administrator
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage import exchange_rates as stored

MOST_SHOWN = 1000
MAX_DIGITS = 12
_CHANGE = "change exchange rates"


@dataclass(frozen=True)
class ExchangeRate:
    currency: str
    valid_from: date
    worth: Decimal

    @property
    def text(self) -> str:
        return plain(self.worth)


def own_currency(work: UnitOfWork) -> str:
    return stored.own_currency(work.connection)


def list_rates(work: UnitOfWork) -> Sequence[ExchangeRate]:
    """The latest first, currency by currency; everybody may read them."""
    return [ExchangeRate(*row) for row in stored.read_rates(work.connection, MOST_SHOWN)]


def save_rate(work: UnitOfWork, currency: str, valid_from: object, worth: object) -> ExchangeRate:
    """Replaces that of the same day. Refuses with the place of each mistake."""
    require_administrator(work, _CHANGE)
    own = own_currency(work)
    problems = [*_currency_problems(currency, own)]
    day, value = _day(valid_from, problems), _value(worth, problems)
    if day is None or value is None or problems:
        raise Invalid("The rate was not saved. Please correct what is marked.", problems)
    stored.save_rate(work.connection, currency, day, value)
    _audit(work, "exchange_rate.saved", currency, day, value)
    return ExchangeRate(currency, day, value)


def remove_rate(work: UnitOfWork, currency: str, valid_from: object) -> None:
    require_administrator(work, _CHANGE)
    day = _day(valid_from, [])
    if day is None or not stored.drop_rate(work.connection, currency, day):
        raise NotFound("There is no such exchange rate.")
    _audit(work, "exchange_rate.removed", currency, day, None)


def worth_in(work: UnitOfWork) -> Callable[[str, date], Decimal | None]:
    """For `rules.inputs.Inputs`: each rate is read once in a unit of work."""
    known: dict[tuple[str, date], Decimal | None] = {}

    def worth(currency: str, day: date) -> Decimal | None:
        key = (currency, day)
        if key not in known:
            known[key] = stored.worth_on(work.connection, currency, day)
        return known[key]

    return worth


def _currency_problems(currency: str, own: str) -> list[Problem]:
    if not is_currency_code(currency):
        return [Problem("currency", f"'{currency[:20]}' is not a currency code such as EUR.")]
    return [Problem("currency", f"{own} is the workspace's own currency: it is always worth 1.")] * (currency == own)


def _day(raw: object, problems: list[Problem]) -> date | None:
    try:
        return raw if isinstance(raw, date) else date.fromisoformat(str(raw))
    except ValueError:
        problems.append(Problem("valid_from", f"'{str(raw)[:20]}' is not a date such as 2026-01-31."))
        return None


def _value(raw: object, problems: list[Problem]) -> Decimal | None:
    try:
        value = parse_decimal(raw)
    except FieldValueError as error:
        problems.append(Problem("worth", str(error)))
        return None
    digits = value.as_tuple()
    exponent = digits.exponent if isinstance(digits.exponent, int) else 0
    if value <= 0 or -exponent > MAX_DIGITS or value.adjusted() >= MAX_DIGITS:
        message = f"A rate is above 0, with at most {MAX_DIGITS} digits before and after the point."
        problems.append(Problem("worth", message))
        return None
    return value


def _audit(work: UnitOfWork, name: str, currency: str, day: date, value: Decimal | None) -> None:
    worth = None if value is None else plain(value)
    after = {"currency": currency, "valid_from": str(day), "worth": worth}
    write_entry(work, Entry(name, "exchange_rate", after=after))
