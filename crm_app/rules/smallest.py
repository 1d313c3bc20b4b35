"""The fewest clauses that have to turn out otherwise for a condition to be true, or not to be.

Where every clause stands at one place only, the fewest follow from those of the parts, bottom up. Clauses at several
places are tried out first, each kept and turned, which is exact up to `MAX_REPEATED` of them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from crm_app.rules.tree import If, Literal, Logic, Node, Not, children

MAX_REPEATED = 6

Verdict = bool | None
Plan = tuple[tuple[int, bool], ...]
Ways = dict[Verdict, Plan]
"""By what a part can be brought to, the smallest plan to do so: clauses by number, with what they turn to."""

Change = list[tuple[Node, bool]]


def smallest_change(tree: Node, known: Mapping[Node, Verdict], *, wanted: bool) -> tuple[Change, bool]:
    """The clauses with what they have to be, and whether no fewer could do. `known` has every clause's outcome, in the
    order of the text, which also decides between sets of the same size.
    """
    numbers = {clause: number for number, clause in enumerate(known)}
    counts = Counter(_leaves(tree, numbers))
    repeated = [clause for clause in known if counts[clause] > 1]
    tried = repeated[:MAX_REPEATED]
    fixed = {clause: known[clause] for clause in repeated[MAX_REPEATED:]}
    plans: list[Plan] = []
    for outcomes in product(*(_outcomes(known[clause]) for clause in tried)):
        assumed = dict(zip(tried, outcomes, strict=True))
        cost: Plan = tuple((numbers[c], bool(v)) for c, v in assumed.items() if v is not known[c])
        ways = _Search(numbers, known, {**fixed, **assumed}).ways(tree)
        plans += [_joined([cost, plan]) for plan in _towards(ways, wanted=wanted)]
    clauses = list(known)
    best = min(plans, key=_size, default=())
    return [(clauses[number], value) for number, value in best], len(tried) == len(repeated)


class _Search:
    def __init__(
        self, numbers: Mapping[Node, int], known: Mapping[Node, Verdict], assumed: Mapping[Node, Verdict]
    ) -> None:
        self._numbers = numbers
        self._known = known
        self._assumed = assumed

    def ways(self, node: Node) -> Ways:
        match node:
            case Logic(operator=operator, terms=terms):
                return _joint([self.ways(term) for term in terms], decisive=operator == "or")
            case Not(operand=operand):
                return {None if value is None else not value: plan for value, plan in self.ways(operand).items()}
            case If(condition=condition, then=then, otherwise=otherwise):
                return _either(self.ways(condition), self.ways(then), self.ways(otherwise))
            case Literal(value=value):
                return {value if isinstance(value, bool) else None: ()}
            case _:
                return self._clause(node)

    def _clause(self, node: Node) -> Ways:
        if node in self._assumed:
            return {self._assumed[node]: ()}
        number, current = self._numbers[node], self._known[node]
        turned: Ways = {value: ((number, value),) for value in (True, False)}
        return {**turned, current: ()}


def _joint(terms: Sequence[Ways], *, decisive: bool) -> Ways:
    """One decisive term is enough; unknown is when none is and at least one is unknown; else all are the other."""
    found: Ways = {}
    _keep(found, decisive, [ways[decisive] for ways in terms if decisive in ways])
    if all((not decisive) in ways for ways in terms):
        found[not decisive] = _joined([ways[not decisive] for ways in terms])
    undecided = [_best([ways[v] for v in (not decisive, None) if v in ways]) for ways in terms]
    if all(plan is not None for plan in undecided):
        kept = [plan for plan in undecided if plan is not None]
        forced = [_joined([*kept[:at], ways[None], *kept[at + 1 :]]) for at, ways in enumerate(terms) if None in ways]
        _keep(found, None, forced)
    return found


def _either(condition: Ways, then: Ways, otherwise: Ways) -> Ways:
    """An unknown condition takes the other branch."""
    found: Ways = {}
    for value in (True, False, None):
        plans = [_joined([condition[True], then[value]])] if True in condition and value in then else []
        plans += [
            _joined([condition[no], otherwise[value]]) for no in (False, None) if no in condition and value in otherwise
        ]
        _keep(found, value, plans)
    return found


def _keep(found: Ways, value: Verdict, plans: Sequence[Plan]) -> None:
    best = _best(plans)
    if best is not None:
        found[value] = best


def _best(plans: Sequence[Plan]) -> Plan | None:
    return min(plans, key=_size, default=None)


def _size(plan: Plan) -> tuple[int, Plan]:
    return len(plan), plan


def _joined(plans: Sequence[Plan]) -> Plan:
    return tuple(sorted(change for plan in plans for change in plan))


def _towards(ways: Ways, *, wanted: bool) -> Iterator[Plan]:
    """What should not be true may be false or unknown."""
    for value in (True,) if wanted else (False, None):
        if value in ways:
            yield ways[value]


def _outcomes(current: Verdict) -> tuple[Verdict, ...]:
    return (None, True, False) if current is None else (current, not current)


def _leaves(node: Node, numbers: Mapping[Node, int]) -> Iterator[Node]:
    if node in numbers:
        yield node
    elif isinstance(node, (Logic, Not, If)):
        for child in children(node):
            yield from _leaves(child, numbers)
