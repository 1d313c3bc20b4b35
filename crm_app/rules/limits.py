"""How large a rule may be, checked on the bare text first so that no text can exhaust the parser."""

import re
from collections.abc import Iterator, Sequence

from crm_app.rules.errors import RuleError
from crm_app.rules.tree import Between, Call, Computed, If, Member, Node, Quantifier, children, walk
from crm_app.rules.words import CONTEXT, FOREIGN, KEYWORDS, MISSPELT, ROOTS, TOKEN

MAX_BYTES = 4096
MAX_NODES = 500
MAX_DEPTH = 32
MAX_HOPS = 5
MAX_QUANTIFIERS = 3
MAX_SQL_PARTS = 5000
MAX_FORMULAS = 8

_VALUES = frozenset({"text", "stamp", "money", "number", "duration", "name"})
_NO_PARTS = KEYWORDS - {"true", "false", "null", *CONTEXT} | {"empty", *ROOTS}
_PREFIXES = frozenset({"not", "-"})


def scan(text: str) -> None:
    """Refuses what is too large or too deep, and marks that are not of this language."""
    measure_text(text)
    tokens = list(_tokens(text))
    if _parts(tokens) > MAX_NODES:
        raise RuleError(f"A rule has at most {MAX_NODES} parts; this has more.", (0, len(text)))
    _refuse_depth(tokens)


def measure_text(text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise RuleError("This text has half of a character in it.", (error.start, error.end)) from None
    if size > MAX_BYTES:
        raise RuleError(f"A rule has at most {MAX_BYTES} bytes of text; this has {size}.", (0, len(text)))


def measure(tree: Node) -> None:
    """Refuses a parsed rule with too many parts, or nested too deep."""
    count = 0
    level = [tree]
    for _ in range(MAX_DEPTH):
        count += len(level)
        level = [child for node in level for child in children(node)]
    if level:
        raise _too_deep(level[0].span)
    if count > MAX_NODES:
        raise RuleError(f"A rule has at most {MAX_NODES} parts; this has {count}.", tree.span)
    _refuse_nested_quantifiers(tree, 0)


def hops(node: Node) -> int:
    """How many relations a path follows."""
    count = 0
    while isinstance(node, Member):
        count, node = count + 1, node.base
    return count


def measure_typed(tree: Node) -> None:
    """Refuses money so entangled that its SQL would grow without bound: an amount and its currency are two
    expressions, so whatever decides between two amounts is written more than once.
    """
    if formulas_deep(tree) >= MAX_FORMULAS:
        raise RuleError(f"At most {MAX_FORMULAS} formulas may stand in each other.", tree.span)
    if sql_parts(tree) > MAX_SQL_PARTS:
        raise RuleError("The amounts in this rule depend on each other too deeply; split it.", tree.span)


def formulas_deep(tree: Node) -> int:
    """How many formulas and rollups stand in each other below; 0 for none."""
    found = (getattr(node, "computed", None) for node in walk(tree))
    return max((each.depth for each in found if isinstance(each, Computed)), default=0)


def sql_parts(node: Node) -> int:
    is_choice = isinstance(node, (If, Call, Quantifier, Member)) and node.type.kind == "money"
    reads = isinstance(node, Call) and any(each.type.kind == "money" for each in node.arguments)
    repeats = isinstance(node, Between) and node.operand.type.kind == "money"
    factor = 3 if is_choice or reads else 2 if repeats else 1
    computed: Computed | None = getattr(node, "computed", None)
    own = computed.size if computed is not None else 0
    return 1 + factor * (own + sum(sql_parts(child) for child in children(node)))


def _refuse_nested_quantifiers(node: Node, depth: int) -> None:
    depth += isinstance(node, Quantifier)
    if depth > MAX_QUANTIFIERS:
        raise RuleError(f"At most {MAX_QUANTIFIERS} of any, all, count, sum, min, max, avg nest.", node.span)
    for child in children(node):
        _refuse_nested_quantifiers(child, depth)


def _too_deep(span: tuple[int, int]) -> RuleError:
    return RuleError(f"A rule nests at most {MAX_DEPTH} deep; this goes deeper.", span)


def _tokens(text: str) -> Iterator[re.Match[str]]:
    for token in TOKEN.finditer(text):
        if token.lastgroup in {"bad", "foreign"}:
            raise _foreign(token)
        if token.lastgroup != "gap":
            yield token


def _foreign(token: re.Match[str]) -> RuleError:
    mark, span = token.group(), token.span()
    if mark == '"':
        return RuleError("Texts stand in single quotes.", span, found=mark, suggestion="'…'")
    if mark == "'":
        return RuleError("This text has no closing quote.", (span[0], len(token.string)), expected="'")
    if mark[0].isdigit():
        return RuleError(f"'{mark[:20]}' is neither a number nor a name.", span, found=mark)
    return RuleError(f"'{mark}' has no meaning here.", span, found=mark, suggestion=FOREIGN.get(mark, ""))


def _refuse_depth(tokens: Sequence[re.Match[str]]) -> None:
    """Follows brackets, `if`s and prefixes without recursion. An `if` lasts to the end of its bracket or
    argument.
    """
    open_now: list[str] = []
    prefixes = 0
    for token in tokens:
        mark = token.group()
        if token.lastgroup == "open" or mark == "if":
            open_now.append(mark)
        elif token.lastgroup == "close" or mark in {",", ":"}:
            _close(open_now, is_bracket=token.lastgroup == "close")
        prefixes = prefixes + 1 if mark in _PREFIXES else 0
        if len(open_now) + prefixes > MAX_DEPTH:
            raise _too_deep(token.span())


def _parts(tokens: Sequence[re.Match[str]]) -> int:
    """Values, names and brackets. Canonical text never has more than its tree has nodes; brackets that it
    would not need count too, because they take as long to parse.
    """
    count, before = 0, ""
    for token in tokens:
        mark = token.group()
        if token.lastgroup in _VALUES:
            count += mark not in _NO_PARTS and before != "as"
        elif token.lastgroup == "open":
            is_call = before.isidentifier() and before not in KEYWORDS
            count += not is_call
        elif mark == ".":
            count -= before == "steps"
        before = mark
    return count


def _close(open_now: list[str], *, is_bracket: bool) -> None:
    while open_now and open_now[-1] == "if":
        open_now.pop()
    if is_bracket and open_now:
        open_now.pop()


def misspelt(word: str) -> str:
    """The keyword meant by another language's spelling of it, or empty."""
    return MISSPELT.get(word, "")
