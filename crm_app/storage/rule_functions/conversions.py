"""From one type to another."""

from sqlalchemy import Interval, Numeric, Text, cast, func, literal_column

from crm_app.rules.functions.conversions import NUMBER_TEXT
from crm_app.rules.functions.texts import BLANK
from crm_app.rules.tree import Call
from crm_app.storage.rule_sql_emitter import Emitter, Make
from crm_app.storage.rule_sql_values import Element, MoneySql, Sql, numeric, plain

# Blanks as escapes, so that the pattern reads the same in every client.
BLANKS = "[" + "".join(f"\\u{ord(mark):04x}" for mark in BLANK) + "]*"
_NUMBER = f"^{BLANKS}{NUMBER_TEXT.replace('([.]', '(?:[.]')}{BLANKS}$"


def _text(emitter: Emitter, node: Call) -> Sql:
    value, kind = emitter.emit(node.arguments[0]), node.arguments[0].type.kind
    if isinstance(value, MoneySql):
        return _digits(value.guarded()).concat(" ").concat(value.currency())
    match kind:
        case "int" | "decimal":
            return _digits(value)
        case "date":
            return func.to_char(value, "YYYY-MM-DD", type_=Text())
        case "datetime":
            shown = func.to_char(func.timezone("UTC", value), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            return func.regexp_replace(shown, "(:00)?[.]000000Z$", "Z", type_=Text())
        case "time":
            shown = func.rtrim(func.to_char(cast(value, Interval()), "HH24:MI:SS.US"), "0")
            return func.regexp_replace(shown, "(:00)?[.]$", "", type_=Text())
        case _:
            return cast(value, Text())


def _digits(value: Element) -> Element:
    return cast(func.trim_scale(numeric(value)), Text())


def _number(emitter: Emitter, node: Call) -> Sql:
    value = plain(emitter.emit(node.arguments[0]))
    if node.arguments[0].type.kind in {"int", "decimal"}:
        return numeric(value)
    return cast(func.substring(value, literal_column(f"'{_NUMBER}'")), Numeric())


SQL: dict[str, Make] = {"text": _text, "number": _number}
