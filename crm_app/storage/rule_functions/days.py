"""Dates. A point in time is read in the reader's time zone."""

from sqlalchemy import DateTime, Integer, Text, cast, extract, func, literal

from crm_app.rules.tree import Call, Node
from crm_app.storage.rule_sql_emitter import Emitter, Make
from crm_app.storage.rule_sql_values import Element, Sql, within

_BEFORE = "TIMESTAMP '0001-12-31 23:59:59.999999 BC'"
_AFTER = "TIMESTAMP '10000-01-01'"


def _part(name: str) -> Make:
    def make(emitter: Emitter, node: Call) -> Sql:
        return cast(extract(name, _local(emitter, node.arguments[0])), Integer())

    return make


def _local(emitter: Emitter, moment: Node) -> Element:
    value = emitter.plain(moment)
    if moment.type.kind == "date":
        return value
    local = func.timezone(literal(emitter.inputs.time_zone, Text()), value)
    return within(local, _BEFORE, _AFTER, DateTime())


SQL: dict[str, Make] = {"year": _part("year"), "month": _part("month"), "day": _part("day")}
