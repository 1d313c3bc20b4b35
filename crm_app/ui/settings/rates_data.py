from dataclasses import dataclass
from typing import TypedDict

from crm_app.services import exchange_rates
from crm_app.services.in_person import require_administrator
from crm_app.services.unit_of_work import UnitOfWork


class RateLine(TypedDict):
    key: str
    currency: str
    valid_from: str
    worth: str
    remove_label: str


@dataclass(frozen=True)
class RatesData:
    currency: str
    lines: list[RateLine]


def rates_data(work: UnitOfWork) -> RatesData:
    require_administrator(work, "see the exchange rates")
    own = exchange_rates.own_currency(work)
    return RatesData(own, [_line(rate, own) for rate in exchange_rates.list_rates(work)])


def _line(rate: exchange_rates.ExchangeRate, own: str) -> RateLine:
    day = rate.valid_from.isoformat()
    return RateLine(
        key=f"{rate.currency} {day}",
        currency=rate.currency,
        valid_from=day,
        worth=f"1 {rate.currency} = {rate.text} {own}",
        remove_label=f"Remove the rate of {rate.currency} from {day}",
    )
