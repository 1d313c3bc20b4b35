"""The types of the rule language. They live on this floor because every field type states its own."""

from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Literal

Kind = Literal[
    "bool",
    "int",
    "decimal",
    "money",
    "text",
    "enum",
    "date",
    "datetime",
    "time",
    "duration",
    "ref",
    "list",
    "json",
    "null",
]


@dataclass(frozen=True)
class RuleType:
    """`object` is the target of a `ref` (empty where that may be one of several objects) or the owner of an `enum`;
    `field` names the enum's field and `options` its values (any text where there are none); `item` is a list's element
    type; `currency` is that of all amounts of a `money`, where it is known before any record is read, and `usual`
    the one that is meant where none is named; `parts` are those that a path may name, as of an address.
    """

    kind: Kind
    nullable: bool = True
    object: str = ""
    field: str = ""
    options: tuple[str, ...] = dataclass_field(default=(), compare=False)
    item: "RuleType | None" = None
    currency: str = ""
    usual: str = dataclass_field(default="", compare=False)
    parts: "tuple[TypedPart, ...]" = dataclass_field(default=(), compare=False)

    def required(self) -> "RuleType":
        return replace(self, nullable=False)

    def __str__(self) -> str:
        match self.kind:
            case "ref":
                return f"ref⟨{self.object or 'any'}⟩"
            case "enum":
                return f"enum⟨{self.object}.{self.field}⟩"
            case "list":
                return f"list⟨{self.item}⟩"
            case _:
                return self.kind


@dataclass(frozen=True)
class TypedPart:
    """`stored` is what the value and the columns call it."""

    name: str
    stored: str
    type: RuleType


BOOL = RuleType("bool")
INT = RuleType("int")
DECIMAL = RuleType("decimal")
MONEY = RuleType("money")
TEXT = RuleType("text")
DATE = RuleType("date")
DATETIME = RuleType("datetime")
TIME = RuleType("time")
DURATION = RuleType("duration")
JSON = RuleType("json")


def ref(target: str) -> RuleType:
    return RuleType("ref", object=target)


def list_of(item: RuleType) -> RuleType:
    return RuleType("list", item=item)
