"""Number functions."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Numeric, func

from crm_app.rules.tree import Call, Literal
from crm_app.storage.rule_sql_emitter import Emitter, Make
from crm_app.storage.rule_sql_values import Element, MoneySql, Sql, numeric


def _over_amount(function: Callable[[Element, Call], Element]) -> Make:
    """Money keeps its currency."""

    def make(emitter: Emitter, node: Call) -> Sql:
        value = emitter.emit(node.arguments[0])
        if isinstance(value, MoneySql):
            return MoneySql(function(value.amount, node), value.currencies)
        return function(value, node)

    return make


def _round(value: Element, node: Call) -> Element:
    return func.round(numeric(value), _places(node), type_=Numeric())


def _places(node: Call) -> Any:
    places = node.arguments[1] if len(node.arguments) > 1 else None
    return places.value if isinstance(places, Literal) else 0


def _of_one(function: Callable[..., Element]) -> Make:
    return _over_amount(lambda value, _node: function(numeric(value), type_=Numeric()))


SQL: dict[str, Make] = {
    "round": _over_amount(_round),
    "floor": _of_one(func.floor),
    "ceil": _of_one(func.ceil),
    "trunc": _of_one(func.trunc),
    "abs": _of_one(func.abs),
}
