"""The query string, read strictly: an unknown or doubled parameter is refused with a sentence, never ignored."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from crm_app.kernel.errors import Invalid, Problem
from crm_app.services.duplicates import Passes, always, never
from crm_app.services.record_query import Condition, Sort

MAX_LENGTH = 8_000
MAX_NAMES = 100
MAX_PARAMETERS = 50
_FILTER = re.compile(r"filter\[([^\[\]]{1,100})\](?:\[([^\[\]]{1,30})\])?")
_LEAVE = "allow_duplicates"
_WITHOUT_VALUE = {"is_empty", "is_not_empty"}


class BadParameter(Invalid):
    """A parameter of the address can't be used."""

    code = "bad_parameter"


def _refuse(name: str, message: str) -> BadParameter:
    return BadParameter("The address can't be used.", [Problem(name[:100], message)])


@dataclass(frozen=True)
class Parameters:
    """`single` holds each parameter once; `conditions` the `filter[…]` ones."""

    single: Mapping[str, str]
    conditions: tuple[Condition, ...] = ()

    def text(self, name: str) -> str:
        return self.single.get(name, "")

    def names(self, name: str) -> tuple[str, ...]:
        """A list of names between commas, each once."""
        if name not in self.single:
            return ()
        found = tuple(dict.fromkeys(part.strip() for part in self.single[name].split(",")))
        if len(found) > MAX_NAMES or not all(found):
            raise _refuse(name, f"Expected up to {MAX_NAMES} names with commas between them.")
        return found

    def number(self, name: str, default: int) -> int:
        value = self.single.get(name)
        if value is None:
            return default
        if not re.fullmatch(r"[0-9]{1,6}", value, re.ASCII):
            raise _refuse(name, "Expected a whole number.")
        return int(value)

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of the choices; the first when it is left out."""
        value = self.single.get(name, choices[0])
        if value not in choices:
            raise _refuse(name, f"Expected one of {', '.join(choices)}.")
        return value

    def sorts(self) -> tuple[Sort, ...]:
        """`-amount,name`: the largest amount first, then by name."""
        return tuple(Sort(name.removeprefix("-"), name.startswith("-")) for name in self.names("sort"))


def read_parameters(query: bytes, known: frozenset[str], *, filters: bool = False) -> Parameters:
    if not query:
        return Parameters({})
    single: dict[str, str] = {}
    conditions: list[Condition] = []
    for name, value in _pairs(query):
        if "\x00" in name or "\x00" in value:
            raise _refuse(name.replace("\x00", ""), "Text can't contain the NUL character.")
        if filters and name.startswith("filter["):
            conditions.append(_condition(name, value))
        elif name not in known:
            raise _unknown(name, known, filters=filters)
        elif name in single:
            raise _refuse(name, "This parameter is given twice.")
        else:
            single[name] = value
    return Parameters(single, tuple(conditions))


def read_leave(query: bytes) -> Passes:
    """Of a writing call: `allow_duplicates=true` saves what duplicate rules only warn of."""
    given = read_parameters(query, frozenset({_LEAVE})).choice(_LEAVE, ("false", "true"))
    return always if given == "true" else never


def _pairs(query: bytes) -> list[tuple[str, str]]:
    if len(query) > MAX_LENGTH:
        raise _refuse("", f"A query string has at most {MAX_LENGTH:,} characters.")
    try:
        text = query.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise _refuse("", f"A query string is UTF-8, percent-encoded, with at most {MAX_PARAMETERS} parts.") from None


def _condition(name: str, value: str) -> Condition:
    found = _FILTER.fullmatch(name)
    if found is None:
        raise _refuse(name, "A filter is written as filter[field]=value or filter[field][operator]=value.")
    field, operator = found.group(1), found.group(2) or "eq"
    if operator in _WITHOUT_VALUE and value != "true":
        raise _refuse(name, f"'{operator}' is written with =true; for the opposite there is an operator of its own.")
    return Condition(field, operator, value)


def _unknown(name: str, known: frozenset[str], *, filters: bool) -> BadParameter:
    names = [*sorted(known), *(["filter[…]"] if filters else [])]
    return _refuse(name, f"There is no such parameter here. Known: {', '.join(names) or 'none'}.")
