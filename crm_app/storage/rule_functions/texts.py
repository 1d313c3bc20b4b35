"""Text functions."""

from collections.abc import Callable

from sqlalchemy import Integer, Numeric, Text, case, cast, collate, func, literal, literal_column
from sqlalchemy.dialects.postgresql import ARRAY, array

from crm_app.rules.function import LONGEST_TEXT, MOST_PARTS
from crm_app.rules.functions.texts import BLANK
from crm_app.rules.tree import Call, Literal, Node
from crm_app.storage.rule_sql_emitter import Emitter, Make
from crm_app.storage.rule_sql_values import Element, Sql, by_code_point, numeric, once

# Full Unicode case mapping, as Python has it. Built into PostgreSQL 18; the guide says what to create on older ones.
CASE_COLLATION = "pg_unicode_fast"
_TEXTS = ARRAY(Text())


def _cased(function: Callable[[Element], Element]) -> Make:
    def make(emitter: Emitter, node: Call) -> Sql:
        text = emitter.plain(node.arguments[0])
        return by_code_point(function(collate(text, CASE_COLLATION)))

    return make


def _trim(emitter: Emitter, node: Call) -> Sql:
    return func.btrim(emitter.plain(node.arguments[0]), literal(BLANK, Text()), type_=Text())


def _length(emitter: Emitter, node: Call) -> Sql:
    value = emitter.plain(node.arguments[0])
    if node.arguments[0].type.kind == "list":
        return func.cardinality(value, type_=Integer())
    return func.char_length(value, type_=Integer())


def whole(emitter: Emitter, node: Node, low: int, high: int) -> Element:
    """A whole number of any size as a small one, moved between the limits; null stays null."""
    if isinstance(node, Literal) and isinstance(node.value, int):
        return literal(min(max(node.value, low), high), Integer())

    def clamped(value: Element) -> Element:
        return case((value < low, literal(low, Numeric())), (value > high, literal(high, Numeric())), else_=value)

    return cast(once(clamped, numeric(emitter.plain(node))), Integer())


def _end(function: Callable[..., Element]) -> Make:
    def make(emitter: Emitter, node: Call) -> Sql:
        text, count = node.arguments
        return function(emitter.plain(text), whole(emitter, count, 0, LONGEST_TEXT), type_=Text())

    return make


def _substring(emitter: Emitter, node: Call) -> Sql:
    text, start, *length = node.arguments
    rest = [whole(emitter, each, 0, LONGEST_TEXT) for each in length]

    def part(text: Element, start: Element, *rest: Element) -> Element:
        last = func.greatest(func.char_length(text) + start + 1, 1)
        return func.substr(text, case((start > 0, start), (start < 0, last)), *rest, type_=Text())

    return once(part, emitter.plain(text), whole(emitter, start, -LONGEST_TEXT * 10, LONGEST_TEXT * 10), *rest)


def length_of(text: Element) -> Element:
    return numeric(func.char_length(text))


def _occurrences(text: Element, part: Element) -> Element:
    """Null where the part is empty."""
    removed = length_of(text) - length_of(func.replace(text, part, literal_column("''")))
    return func.div(removed, func.nullif(length_of(part), 0))


def _replace(emitter: Emitter, node: Call) -> Sql:
    def replaced(text: Element, old: Element, new: Element) -> Element:
        length = length_of(text) + _occurrences(text, old) * (length_of(new) - length_of(old))
        nothing_old = (old == literal_column("''")) & new.is_not(None)
        return case((nothing_old, text), (length <= LONGEST_TEXT, func.replace(text, old, new)))

    return _once_of_texts(replaced, emitter, node)


def _split(emitter: Emitter, node: Call) -> Sql:
    def parts(text: Element, separator: Element) -> Element:
        whole_text: Element = array([text])
        return case(
            ((text == literal_column("''")) & separator.is_not(None), literal_column("'{}'::text[]", _TEXTS)),
            ((separator == literal_column("''")) & text.is_not(None), whole_text),
            (_occurrences(text, separator) < MOST_PARTS, func.string_to_array(text, separator, type_=_TEXTS)),
        )

    return cast(_once_of_texts(parts, emitter, node), _TEXTS)


def _once_of_texts(build: Callable[..., Element], emitter: Emitter, node: Call) -> Element:
    return once(build, *(by_code_point(emitter.plain(each)) for each in node.arguments))


def _join(emitter: Emitter, node: Call) -> Sql:
    def joined(parts: Element, separator: Element) -> Element:
        letters = length_of(func.array_to_string(parts, literal_column("''")))
        count = func.cardinality(func.array_remove(parts, literal_column("NULL::text")))
        length = letters + length_of(separator) * func.greatest(count - 1, 0)
        return case((length <= LONGEST_TEXT, func.array_to_string(parts, separator, type_=Text())))

    parts, separator = (emitter.plain(each) for each in node.arguments)
    return once(joined, cast(parts, _TEXTS), by_code_point(separator))


SQL: dict[str, Make] = {
    "lower": _cased(func.lower),
    "upper": _cased(func.upper),
    "trim": _trim,
    "len": _length,
    "left": _end(func.left),
    "right": _end(func.right),
    "substring": _substring,
    "replace": _replace,
    "split": _split,
    "join": _join,
}
