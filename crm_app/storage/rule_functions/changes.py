"""What a change changed."""

from sqlalchemy import or_

from crm_app.rules.functions.changes import before
from crm_app.rules.tree import Call
from crm_app.storage.rule_sql_emitter import Emitter, Make
from crm_app.storage.rule_sql_values import MoneySql, Sql, grouped, money


def _is_changed(emitter: Emitter, node: Call) -> Sql:
    now, then = emitter.emit(node.arguments[0]), emitter.emit(before(node))
    if not isinstance(now, MoneySql):
        return grouped(now.is_distinct_from(then))
    old = money(then)
    amounts = now.guarded().is_distinct_from(old.guarded())
    return grouped(or_(amounts, now.currency().is_distinct_from(old.currency())))


SQL: dict[str, Make] = {"is_changed": _is_changed}
