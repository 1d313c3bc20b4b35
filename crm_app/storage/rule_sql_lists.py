"""Lists: membership and emptiness."""

from sqlalchemy import Boolean, ColumnElement, any_, func, literal, not_, null, or_

from crm_app.rules.tree import Emptiness, Kept, ListOf, Membership, Name, Node, TextTest, is_related
from crm_app.storage import rule_sql_tests
from crm_app.storage.rule_sql_elements import elements, exists
from crm_app.storage.rule_sql_emitter import Emitter
from crm_app.storage.rule_sql_quantifiers import over, three_valued
from crm_app.storage.rule_sql_tests import compared_money
from crm_app.storage.rule_sql_values import Element, MoneySql, array_of, money, plain


def listed(emitter: Emitter, node: ListOf) -> Element:
    item = node.type.item or node.type
    return array_of([emitter.plain(each) for each in node.items], item)


def kept(emitter: Emitter, node: Kept) -> Element:
    return func.array_remove(emitter.plain(node.operand), null())


def membership(emitter: Emitter, node: Membership) -> Element:
    result = _among(emitter, node.operand, node.items)
    return not_(result) if node.is_negated else result


def text_test(emitter: Emitter, node: TextTest) -> Element:
    if node.left.type.kind != "list":
        return rule_sql_tests.text_test(emitter, node)
    result = _among(emitter, node.right, node.left)
    return not_(result) if node.is_negated else result


def where_text_test(emitter: Emitter, node: TextTest) -> ColumnElement[bool]:
    """Of `contains` over records, where only true matters: EXISTS, which starts from the record asked for."""
    if node.is_negated or not is_related(node.left):
        return emitter.plain(node)
    found = elements(emitter, node.left)
    inner = emitter.within(found.element)
    return exists(found, inner.columns.column(inner.table(-1), "id") == emitter.plain(node.right))


def _among(emitter: Emitter, operand: Node, items: Node) -> Element:
    wanted = emitter.emit(operand)
    if isinstance(items, ListOf) and not items.items:
        return literal(value=False, type_=Boolean())
    if isinstance(items, ListOf) and isinstance(wanted, MoneySql):
        return or_(*(compared_money("=", wanted, money(emitter.emit(item))) for item in items.items))
    if is_related(items):
        found = elements(emitter, items)
        inner = emitter.within(found.element)
        is_it = inner.columns.column(inner.table(-1), "id") == plain(wanted)
        return over(found.select(is_it.label("value")), lambda rows: three_valued(None, rows.c.value))
    return plain(wanted) == any_(emitter.plain(items))


def emptiness(emitter: Emitter, node: Emptiness) -> Element:
    result = _is_empty(emitter, node.operand)
    return not_(result) if node.is_negated else result


def _is_empty(emitter: Emitter, operand: Node) -> Element:
    if operand.type.kind == "list" and is_related(operand):
        return not_(exists(elements(emitter, operand)))
    value = emitter.plain(operand)
    if operand.type.kind == "list":
        return func.coalesce(func.cardinality(value), 0) == 0
    if operand.type.kind not in {"text", "enum"}:
        return value.is_(None)
    if isinstance(operand, Name):
        return or_(value.is_(None), value == "")
    return func.coalesce(value, "") == ""
