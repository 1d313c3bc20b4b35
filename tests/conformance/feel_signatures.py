"""The parameters of FEEL's functions, so that a call by name is one by position, and a wrong number is refused."""

from crm_app.rules.errors import RuleError
from tests.conformance.source import Call, Lit, Source

# A parameter in brackets may be left out; three dots stand for any number of values.
_SIGNATURES = """
date(from) date(year, month, day)
date and time(from) date and time(date, time)
time(from) time(hour, minute, second, [offset])
duration(from) string(from) number(from, [grouping separator], [decimal separator]) not(negand)
abs(n) floor(n, [scale]) ceiling(n, [scale]) decimal(n, scale) sqrt(number) exp(number) log(number)
round up(n, scale) round down(n, scale) round half up(n, scale) round half down(n, scale)
modulo(dividend, divisor) even(number) odd(number)
substring(string, start position, [length]) string length(string) upper case(string) lower case(string)
contains(string, match) starts with(string, match) ends with(string, match) split(string, delimiter)
substring before(string, match) substring after(string, match) matches(input, pattern, [flags])
replace(input, pattern, replacement, [flags])
string join(list, [delimiter]) list contains(list, element) count(list)
min(list, ...) max(list, ...) sum(list, ...) mean(list, ...) product(list, ...)
all(list, ...) any(list, ...)
day of year(date) day of week(date) month of year(date) week of year(date)
range(from)
before(point1, point2) before(range1, range2) after(point1, point2) after(range1, range2)
before(point, range) before(range, point) after(point, range) after(range, point)
meets(range1, range2) met by(range1, range2) overlaps(range1, range2)
overlaps before(range1, range2) overlaps after(range1, range2)
finishes(point, range) finishes(range1, range2) finished by(range, point) finished by(range1, range2)
starts(point, range) starts(range1, range2) started by(range, point) started by(range1, range2)
during(point, range) during(range1, range2) includes(range, point) includes(range1, range2)
years and months duration(from, to) today() now()
coincides(point1, point2) coincides(range1, range2)
"""


def _read() -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for written in _SIGNATURES.replace("\n", " ").split(")"):
        name, _, params = written.partition("(")
        if name.strip():
            found.setdefault(name.strip(), []).append(tuple(each.strip() for each in params.split(",") if each.strip()))
    return found


_PARAMETERS = _read()


def positioned(node: Call) -> tuple[Source, ...]:
    """The values in the order of the parameters."""
    signatures = _PARAMETERS.get(node.name)
    if signatures is None:
        return node.args
    for params in signatures:
        if (found := _fitted(node, params)) is not None:
            return found
    raise RuleError(f"`{node.name}` can't take these values.", (0, 0))


def _fitted(node: Call, params: tuple[str, ...]) -> tuple[Source, ...] | None:
    names = [each.strip("[]") for each in params if each != "..."]
    fewest = sum(1 for each in params if not each.startswith("[") and each != "...")
    if not node.named:
        most = 1000 if "..." in params else len(names)
        return node.args if fewest <= len(node.args) <= most else None
    if node.args or not set(node.named) <= set(names) or any(name not in node.named for name in names[:fewest]):
        return None
    while names and names[-1] not in node.named:
        names.pop()
    return tuple(node.named.get(name, Lit(None)) for name in names)
