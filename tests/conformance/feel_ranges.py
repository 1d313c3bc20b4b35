"""FEEL's intervals: how two of them, or a point and one, lie to each other."""

from collections.abc import Callable

from crm_app.rules.errors import RuleError
from crm_app.rules.tree import logic
from tests.conformance import equality, feel_grammar, feel_tokens, source
from tests.conformance.lowering import Lowering
from tests.conformance.source import Unreadable, Untranslatable
from tests.conformance.values import Interval, Part, Value, Written, constant, is_null, literal

Function = Callable[[Lowering, tuple[Part, ...]], Part]


def attribute(base: Interval, name: str) -> Part | None:
    found: dict[str, Part | None] = {
        "start": base.low,
        "end": base.high,
        "start included": literal(base.includes_low),
        "end included": literal(base.includes_high),
    }
    if name not in found:
        raise RuleError(f"An interval has no `{name}`.", (0, 0))
    return found[name] or literal(None)


def as_interval(lowering: Lowering, part: Part) -> tuple[Interval, bool]:
    """A point is an interval of itself; and whether it is one."""
    if isinstance(part, Interval):
        return part, False
    if isinstance(part, Written):
        raise RuleError("A point or an interval is needed, but this is a list.", (0, 0))
    value = lowering.as_value(part)
    if is_null(value):
        raise RuleError("A point or an interval is needed, but this is null.", (0, 0))
    return Interval(value, value, includes_low=True, includes_high=True), True


def _ends(interval: Interval) -> tuple[Part, Part]:
    if interval.low is None or interval.high is None:
        raise Untranslatable("an interval without an end")
    return interval.low, interval.high


def _all(lowering: Lowering, *terms: Value | bool) -> Value:
    return lowering.typed(logic("and", [literal(each).node if isinstance(each, bool) else each.node for each in terms]))


def _any(lowering: Lowering, *terms: Value) -> Value:
    return lowering.typed(logic("or", [each.node for each in terms]))


def before(lowering: Lowering, first: Interval, second: Interval) -> Value:
    end, start = _ends(first)[1], _ends(second)[0]
    apart = equality.compared(lowering, "<", end, start)
    if first.includes_high and second.includes_low:
        return apart
    return _any(lowering, apart, equality.compared(lowering, "=", end, start))


def meets(lowering: Lowering, first: Interval, second: Interval) -> Value:
    touch = equality.compared(lowering, "=", _ends(first)[1], _ends(second)[0])
    return _all(lowering, first.includes_high and second.includes_low, touch)


def starts(lowering: Lowering, first: Interval, second: Interval) -> Value:
    same = equality.compared(lowering, "=", _ends(first)[0], _ends(second)[0])
    return _all(lowering, same, first.includes_low == second.includes_low, _ends_within(lowering, first, second))


def finishes(lowering: Lowering, first: Interval, second: Interval) -> Value:
    same = equality.compared(lowering, "=", _ends(first)[1], _ends(second)[1])
    return _all(lowering, same, first.includes_high == second.includes_high, _starts_within(lowering, first, second))


def during(lowering: Lowering, first: Interval, second: Interval) -> Value:
    return _all(lowering, _starts_within(lowering, first, second), _ends_within(lowering, first, second))


def _starts_within(lowering: Lowering, first: Interval, second: Interval) -> Value:
    reaches = second.includes_low or not first.includes_low
    return equality.compared(lowering, ">=" if reaches else ">", _ends(first)[0], _ends(second)[0])


def _ends_within(lowering: Lowering, first: Interval, second: Interval) -> Value:
    reaches = second.includes_high or not first.includes_high
    return equality.compared(lowering, "<=" if reaches else "<", _ends(first)[1], _ends(second)[1])


def overlaps(lowering: Lowering, first: Interval, second: Interval) -> Value:
    """They share a point."""
    closed_left = first.includes_high and second.includes_low
    closed_right = first.includes_low and second.includes_high
    (low, high), (other_low, other_high) = _ends(first), _ends(second)
    return _all(
        lowering,
        equality.compared(lowering, ">=" if closed_left else ">", high, other_low),
        equality.compared(lowering, "<=" if closed_right else "<", low, other_high),
    )


def overlaps_before(lowering: Lowering, first: Interval, second: Interval) -> Value:
    (low, high), (other_low, other_high) = _ends(first), _ends(second)
    earlier = equality.compared(lowering, "<", low, other_low)
    if first.includes_low and not second.includes_low:
        earlier = _any(lowering, earlier, equality.compared(lowering, "=", low, other_low))
    within = equality.compared(lowering, "<", high, other_high)
    if not first.includes_high or second.includes_high:
        within = _any(lowering, within, equality.compared(lowering, "=", high, other_high))
    closed = first.includes_high and second.includes_low
    return _all(lowering, earlier, equality.compared(lowering, ">=" if closed else ">", high, other_low), within)


def _mirrored(relation: Callable[[Lowering, Interval, Interval], Value]) -> Callable[..., Value]:
    return lambda lowering, first, second: relation(lowering, second, first)


def coincides(lowering: Lowering, first: Interval, second: Interval) -> Value:
    return equality.equal(lowering, first, second)


def _relation(relation: Callable[[Lowering, Interval, Interval], Value]) -> Function:
    def apply(lowering: Lowering, args: tuple[Part, ...]) -> Part:
        if len(args) != 2:
            raise RuleError("Two points or intervals are needed.", (0, 0))
        first, second = (as_interval(lowering, each)[0] for each in args)
        return relation(lowering, first, second)

    return apply


def from_text(lowering: Lowering, args: tuple[Part, ...]) -> Part:
    """`range("[1..3]")`: the same interval written in place; its ends are literals, the first not after the second."""
    text = constant(args[0]) if args else None
    if not isinstance(text, str):
        raise RuleError("An interval is written out as a text.", (0, 0))
    try:
        node = feel_grammar.parse(text, feel_tokens.BUILT_IN)
    except (Unreadable, Untranslatable):
        raise RuleError(f"'{text}' is no interval.", (0, 0)) from None
    if not isinstance(node, source.Range) or not all(_is_written(end) for end in (node.low, node.high) if end):
        raise RuleError(f"'{text}' is no interval.", (0, 0))
    low, high = (None if end is None else lowering.lower(end) for end in (node.low, node.high))
    low, high = (None if end is None or is_null(end) else end for end in (low, high))
    _refuse_turned(lowering, low, high, node)
    return Interval(low, high, node.includes_low, node.includes_high)


def _is_written(node: source.Source) -> bool:
    if isinstance(node, source.Op) and node.name == "neg":
        return _is_written(node.args[0])
    if isinstance(node, source.Call):
        return node.name in {"@", "date", "time", "date and time", "duration"} and all(
            isinstance(each, source.Lit) for each in node.args
        )
    return isinstance(node, source.Lit)


def _refuse_turned(lowering: Lowering, low: Part | None, high: Part | None, node: source.Range) -> None:
    if low is None and high is None:
        raise RuleError("An interval has an end.", (0, 0))
    if (low is None and node.includes_low) or (high is None and node.includes_high):
        raise RuleError("An end that is not there belongs to no interval.", (0, 0))
    if low is None or high is None:
        return
    equality.compared(lowering, "<=", low, high)
    first, second = constant(low), constant(high)
    if first is not None and second is not None and first > second:
        raise RuleError("An interval ends after it starts.", (0, 0))


FUNCTIONS: dict[str, Function] = {
    "before": _relation(before),
    "after": _relation(_mirrored(before)),
    "meets": _relation(meets),
    "met by": _relation(_mirrored(meets)),
    "overlaps": _relation(overlaps),
    "overlaps before": _relation(overlaps_before),
    "overlaps after": _relation(_mirrored(overlaps_before)),
    "starts": _relation(starts),
    "started by": _relation(_mirrored(starts)),
    "finishes": _relation(finishes),
    "finished by": _relation(_mirrored(finishes)),
    "during": _relation(during),
    "includes": _relation(_mirrored(during)),
    "coincides": _relation(coincides),
}
