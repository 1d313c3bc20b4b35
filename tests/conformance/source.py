"""What an expression of another language says, before it becomes a rule: what ZEN, FEEL and CEL have in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_app.fields.rule_type import RuleType


class Untranslatable(Exception):
    """It uses something that the rule language deliberately has no counterpart of; the message names it."""


class Unreadable(Exception):
    """The other language refuses the text too, or our reading of that language is incomplete."""


@dataclass(frozen=True)
class Source:
    pass


@dataclass(frozen=True)
class Lit(Source):
    """`value` is a Python scalar: bool, int, Decimal, str, date, datetime, time, timedelta, `Months` or None."""

    value: Any


@dataclass(frozen=True)
class Months:
    """FEEL's years-and-months duration."""

    count: int


@dataclass(frozen=True)
class Typed:
    """A null of which the type is known."""

    type: RuleType
    is_months: bool = False


@dataclass(frozen=True)
class Var(Source):
    name: str


@dataclass(frozen=True)
class Op(Source):
    """`name` is our own word for it: `+`, `and`, `=`, `neg`, `in`, `between`, `??`."""

    name: str
    args: tuple[Source, ...]


@dataclass(frozen=True)
class Call(Source):
    """A method's name starts with a dot and its receiver is the first argument."""

    name: str
    args: tuple[Source, ...]
    named: Mapping[str, Source] = field(default_factory=dict[str, Source])


@dataclass(frozen=True)
class Attr(Source):
    base: Source
    name: str


@dataclass(frozen=True)
class Index(Source):
    base: Source
    index: Source


@dataclass(frozen=True)
class Slice(Source):
    base: Source
    low: Source | None
    high: Source | None


@dataclass(frozen=True)
class Cond(Source):
    condition: Source
    then: Source
    otherwise: Source


@dataclass(frozen=True)
class Items(Source):
    items: tuple[Source, ...]


@dataclass(frozen=True)
class Obj(Source):
    entries: tuple[tuple[Any, Source], ...]


@dataclass(frozen=True)
class Range(Source):
    """An end that is None has no bound."""

    low: Source | None
    high: Source | None
    includes_low: bool = True
    includes_high: bool = True


@dataclass(frozen=True)
class Test(Source):
    """FEEL's unary tests: any one of them. Each takes the value as the variable `?`."""

    tests: tuple[Source, ...]


@dataclass(frozen=True)
class Each(Source):
    """`kind` is map, filter, any, all, none, one or count; `alias` names the element in `body`."""

    kind: str
    source: Source
    alias: str
    body: Source


@dataclass(frozen=True)
class Fn(Source):
    """A function written in place: expanded where it is called with all it needs."""

    params: tuple[str, ...]
    body: Source


ERROR = object()


def unread(suite: str, name: str, message: str) -> "Case":
    """For a whole file that can't be read, so that it is seen to be missing."""

    def refuse() -> Source:
        raise Unreadable(message)

    return Case(suite, name, name, None, refuse)


@dataclass(frozen=True)
class Case:
    """One expected answer. `parse` gives the expression; `expected` is a plain Python value, `Months`, a list, a dict,
    or `ERROR` where the language answers with an error. `inputs` are JSON-like values by name. With `is_null_error` a
    null stands for an error; what is `is_unchecked` is run although the other language's own check refuses it.
    """

    suite: str
    name: str
    text: str
    expected: Any
    parse: Callable[[], Source]
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    is_null_error: bool = False
    is_unchecked: bool = False
