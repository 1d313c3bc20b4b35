"""What a function of the language promises."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm_app.fields.rule_type import Kind, RuleType
from crm_app.rules.tree import Call, Node

Kinds = tuple[Kind, ...]
TEXTS: Kinds = ("text", "enum")
NUMBERS: Kinds = ("int", "decimal")
AMOUNTS: Kinds = (*NUMBERS, "money")
DAYS: Kinds = ("date", "datetime")
ORDERED: Kinds = (*AMOUNTS, "text", *DAYS, "time", "duration")
SCALARS: Kinds = ("bool", *AMOUNTS, *TEXTS, *DAYS, "time", "duration", "ref")

LONGEST_TEXT = 100_000
MOST_PARTS = 1000


@dataclass(frozen=True)
class Written:
    """What an argument that every target relies on may be, since it is written out in the rule. `refusal` gives the
    reason why a value can't stand there, or nothing; `examples` can.
    """

    kind: Kind
    allowed: str
    refusal: Callable[[Any], str | None]
    examples: tuple[int | str, ...]


def whole_number(lowest: int, highest: int) -> Written:
    allowed = f"a whole number from {lowest} to {highest}"
    return Written(
        "int", allowed, lambda value: None if lowest <= value <= highest else f"it is {allowed}", (lowest, highest)
    )


def one_of(*words: str) -> Written:
    allowed = "one of " + ", ".join(f"'{word}'" for word in words)
    return Written("text", allowed, lambda value: None if value in words else f"it is {allowed}", words)


@dataclass(frozen=True)
class Parameter:
    """`items` are the kinds of the elements where it takes a list of values. `is_field`: only a field of the record
    itself; `parts`: only a field that has these.
    """

    name: str
    kinds: Kinds
    is_optional: bool = False
    written: Written | None = None
    items: Kinds = ()
    is_field: bool = False
    parts: tuple[str, ...] = ()

    @property
    def accepted(self) -> str:
        lists = (f"list of {_listed(self.items)}",) if self.items else ()
        return _listed((*self.kinds, *lists))


def _listed(words: tuple[str, ...]) -> str:
    if words == SCALARS:
        return "any single value"
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def written_values(node: Call) -> tuple[Node, ...]:
    return node.arguments


@dataclass(frozen=True)
class RuleFunction:
    """`result` makes the type from the arguments. `python` takes `Inputs` and the values, none of
    them null unless `takes_null`; its SQL twin stands in `storage` under the same name. With `repeats`
    the last parameter may be given again and all arguments are brought to one type. `reading` is how its result is
    called in a sentence: `the year of {0}`, `the first of {all}`. `needs` is what its answer depends on besides the
    values: of what `Dependencies.context` may hold. `reads` is what `python`
    gets the values of, where that is not what is written.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: Callable[[tuple[Node, ...]], RuleType]
    python: Callable[..., Any]
    example: str
    description: str
    takes_null: bool = False
    repeats: bool = False
    reading: str = ""
    needs: frozenset[str] = frozenset()
    reads: Callable[[Call], tuple[Node, ...]] = written_values

    @property
    def signature(self) -> str:
        """As the guide and the editor show it."""
        shown = [f"{part.name}?" if part.is_optional else part.name for part in self.parameters]
        return f"{self.name}({', '.join(shown)}{', …' if self.repeats else ''})"


def gives(rule_type: RuleType) -> Callable[[tuple[Node, ...]], RuleType]:
    """A result that is of one type whatever the arguments are."""
    return lambda _arguments: rule_type


def like_the_first(arguments: tuple[Node, ...]) -> RuleType:
    return arguments[0].type
