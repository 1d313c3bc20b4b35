"""The guide page of the functions, made from the functions themselves."""

from pathlib import Path

from crm_app.rules.function import RuleFunction
from crm_app.rules.library import FAMILIES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "functions.md"

_HEAD = """# Functions of rules and formulas

Made from the code by `./trellis schemas`; edit the functions, not this page.

A function gives nothing where one of its values is missing, unless it says otherwise. `?` marks what may be left
out, `…` what may be given again. Besides these, [rules](rules.md) have operators, and `any`, `all`, `count`, `sum`,
`min`, `max` and `avg` over lists.
"""


def guide_page() -> str:
    """Markdown: one table per family."""
    return "\n".join([_HEAD, *(_family(name, functions) for name, functions in sorted(FAMILIES.items()))])


def _family(name: str, functions: tuple[RuleFunction, ...]) -> str:
    head = [f"## {name}", "", "| function | takes | gives | example |", "|---|---|---|---|"]
    lines = [_line(function) for function in sorted(functions, key=lambda each: each.name)]
    return "\n".join([*head, *lines, ""])


def _line(function: RuleFunction) -> str:
    cells = (f"`{function.signature}`", _taken(function), function.description, f"`{function.example}`")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _taken(function: RuleFunction) -> str:
    """What each parameter takes; one that is named as its only kind needs no more words."""
    taken = [(part.name, part.written.allowed if part.written else part.accepted) for part in function.parameters]
    return "; ".join(words if name == words else f"{name}: {words}" for name, words in taken)
