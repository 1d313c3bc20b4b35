"""Cells of decision tables, checked on their own and written again after what they name is called otherwise."""

from crm_app.definitions.decision import is_rule
from crm_app.rules.printer import print_rule
from crm_app.rules.tree import Between, Comparison, Emptiness, Literal, Membership, Node, TextTest


def cell_text(cell: str, tree: Node) -> str:
    """What stands in the cell for a rule that `cell_rule` made of it, or that is such a rule renamed."""
    if is_rule(cell):
        return f"if {print_rule(tree)}"
    subject = _subject(tree)
    if subject is None:
        raise TypeError(type(tree).__name__)
    left = print_rule(Comparison(operator="=", left=subject, right=Literal(value=0))).removesuffix(" = 0")
    return print_rule(tree).removeprefix(left).strip()


def _subject(tree: Node) -> Node | None:
    match tree:
        case Comparison(left=left) | TextTest(left=left):
            return left
        case Membership(operand=operand) | Between(operand=operand) | Emptiness(operand=operand):
            return operand
        case _:
            return None
