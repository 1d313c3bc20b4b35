"""Exchange rates: everybody may read them, administrators change them."""

from typing import Any

from crm_app.api.call import Answer, BadBody, Call
from crm_app.api.parameters import read_parameters
from crm_app.services.exchange_rates import ExchangeRate, list_rates, own_currency, remove_rate, save_rate
from crm_app.services.unit_of_work import UnitOfWork

_NONE: frozenset[str] = frozenset()


def read_all(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    return Answer({"currency": own_currency(work), "rates": [_rate(rate) for rate in list_rates(work)]})


def save(work: UnitOfWork, call: Call) -> Answer:
    """Also where there is one of that day already."""
    read_parameters(call.query, _NONE)
    worth = call.json("worth")
    if not isinstance(worth, (str, int)):
        raise BadBody('`worth` is a number as text, such as "1.085", so that no digit is lost.')
    return Answer(_rate(save_rate(work, call.path["currency"], call.path["valid_from"], worth)))


def remove(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    call.require_nothing()
    remove_rate(work, call.path["currency"], call.path["valid_from"])
    return Answer(status=204)


def _rate(rate: ExchangeRate) -> dict[str, Any]:
    return {"currency": rate.currency, "valid_from": rate.valid_from.isoformat(), "worth": rate.text}
