"""The figures as a table for people; the same figures are printed as JSON for programs."""

from collections.abc import Sequence
from typing import Any

from benchmarks.formulas import Compared
from benchmarks.measure import Result

_NODE_PER_SECOND = {"list": 36, "read": 138, "create": 124}


def table(results: Sequence[Result], imported: dict[str, Any]) -> str:
    head = (
        f"{'operation':<12}{'by hand':>10}{'door':>10}{'':>7}{'HTTP':>10}{'':>7}{'x16 p50':>10}{'x16 /s':>9}"
        f"{'best /s':>9}{'web CPU':>9}{'pg CPU':>8}"
    )
    lines = [head, "-" * len(head), *map(_line, results)]
    if imported:
        lines.append(
            f"{'import':<12}{imported['hand_seconds']:>8.2f} s{imported['door_seconds']:>8.2f} s"
            f"{_times(imported['door_seconds'], imported['hand_seconds'])}"
            f"   ({imported['lines']:,} lines; best {imported['best_door_seconds']:.2f} s)"
        )
    lines += [
        f"{name}: {result.per_second / per_second:.1f}x a well-known low-code platform in Node ({per_second}/s)"
        for result in results
        for name, per_second in _NODE_PER_SECOND.items()
        if result.operation == name
    ]
    return "\n".join(lines)


def formula_line(each: Compared) -> str:
    """By hand, the statements that the services send, and the services."""
    sent = f"{each.sent_ms:>8.2f} ms{each.sent_to_hand:>6.2f}x"
    return f"{each.label:<48}{each.hand_ms:>8.2f} ms{sent}{each.door_ms:>8.2f} ms{each.door_to_hand:>6.2f}x"


def _line(each: Result) -> str:
    alone = f"{each.operation:<12}{each.hand_ms:>7.2f} ms{each.door_ms:>7.2f} ms{_times(each.door_ms, each.hand_ms)}"
    over_http = f"{each.http_ms:>7.2f} ms{_times(each.http_ms, each.hand_ms)}"
    together = f"{each.together_ms:>7.1f} ms{each.per_second:>9.1f}{each.best_per_second:>9.1f}"
    return f"{alone}{over_http}{together}{each.web_cpu_ms:>6.2f} ms{each.postgres_cpu_ms:>5.2f} ms"


def _times(value: float, base: float) -> str:
    return f"{f'{value / base:.1f}x':>7}"
