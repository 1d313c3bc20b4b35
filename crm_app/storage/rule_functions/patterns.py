"""Patterns of text."""

from sqlalchemy import Text, literal

from crm_app.rules.pattern import translated
from crm_app.rules.tree import Call, Literal
from crm_app.storage.rule_sql_emitter import Emitter, Make
from crm_app.storage.rule_sql_values import Sql, by_code_point, grouped


def _matches(emitter: Emitter, node: Call) -> Sql:
    text, pattern = node.arguments
    written = str(pattern.value) if isinstance(pattern, Literal) else ""
    return grouped(by_code_point(emitter.plain(text)).op("~", is_comparison=True)(literal(translated(written), Text())))


SQL: dict[str, Make] = {"matches": _matches}
