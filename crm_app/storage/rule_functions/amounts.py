"""Money. Exchange rates are looked up by the query itself."""

from sqlalchemy import Date, Text, case, literal

from crm_app.rules.tree import Call, Literal
from crm_app.storage.exchange_rates import worth
from crm_app.storage.rule_functions.days import local_day
from crm_app.storage.rule_sql_emitter import Emitter, Make
from crm_app.storage.rule_sql_values import Element, MoneySql, Sql, money, numeric, once, quotient


def _amount(emitter: Emitter, node: Call) -> Sql:
    return money(emitter.emit(node.arguments[0])).guarded()


def _currency(emitter: Emitter, node: Call) -> Sql:
    value = money(emitter.emit(node.arguments[0]))
    return case((value.guarded().is_not(None), value.currency()))


def _convert(emitter: Emitter, node: Call) -> Sql:
    value, target = money(emitter.emit(node.arguments[0])), _code(node)
    day = literal(emitter.inputs.today, Date()) if len(node.arguments) == 2 else local_day(emitter, node.arguments[2])  # noqa: PLR2004 - without a date

    def converted(amount: Element, currency: Element, day: Element) -> Element:
        wanted = literal(target, Text())
        exchanged = quotient(numeric(amount) * worth(currency, day), worth(wanted, day))
        return case(((currency == wanted) & day.is_not(None), amount), else_=exchanged)

    return MoneySql(once(converted, value.guarded(), value.currency(), day), (target,))


def _code(node: Call) -> str:
    currency = node.arguments[1]
    return str(currency.value) if isinstance(currency, Literal) else ""


SQL: dict[str, Make] = {"amount": _amount, "currency": _currency, "convert": _convert}
