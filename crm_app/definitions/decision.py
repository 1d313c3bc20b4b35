"""Decision tables: conditions by row, and what follows from them."""

import re
from typing import Annotated, Literal

from pydantic import Field

from crm_app.definitions.model import ApiName, Definition, Part

Hit = Literal["first", "unique", "collect"]
Combine = Literal["list", "sum", "min", "max", "count"]
Cell = Annotated[str, Field(max_length=1000)]
ANY = "-"
_TEST = re.compile(
    r"(?:>=|<=|!=|=|<|>|(?:not\s+)?(?:in|between|contains|starts\s+with|ends\s+with)\b|is\s+(?:not\s+)?empty\b)"
)
_RULE = re.compile(r"if\s+", re.ASCII)


class DecisionInput(Part):
    """What a column's cells are about: a field, a path or any other value of the record."""

    rule: str = Field(min_length=1, max_length=1000, title="Value")
    label: str = Field(default="", max_length=100, title="Heading")


class DecisionRow(Part):
    """`when` has a cell for each input: a test without its left side (`>= 1000 EUR`, `between 1 and 5`, `is empty`),
    values (`'a', 'b'`), a rule of the record (`if amount > fee`), or `-` for anything. The row hits when all are true.
    """

    when: tuple[Cell, ...] = ()
    then: str = Field(min_length=1, max_length=1000, title="Outcome")
    note: str = Field(default="", max_length=300, title="Note")


class DecisionDefinition(Definition):
    """`first`: the outcome of the first row that hits. `unique`: at most one row may hit, which is checked before it is
    published. `collect`: those of all rows that hit, as a list or combined. `otherwise` is for when none does.
    """

    object: ApiName
    description: str = Field(default="", max_length=1000)
    hit: Hit = "first"
    combine: Combine = "list"
    inputs: tuple[DecisionInput, ...] = Field(min_length=1, max_length=20)
    rows: tuple[DecisionRow, ...] = Field(min_length=1, max_length=200)
    otherwise: str = Field(default="", max_length=1000, title="Otherwise")
    archived: bool = False


def is_any(cell: str) -> bool:
    return cell.strip() in {"", ANY}


def is_rule(cell: str) -> bool:
    """Whether the cell is about the record as a whole rather than about its column's value."""
    return _RULE.match(cell.strip()) is not None


def cell_rule(value: str, cell: str) -> str:
    """The cell as a rule of its own, over the value that its column is about. Empty for what is always true."""
    text = cell.strip()
    if is_any(text):
        return ""
    if is_rule(text):
        return _RULE.sub("", text, count=1)
    return f"({value}) {text}" if _TEST.match(text) else f"({value}) in [{text}]"
