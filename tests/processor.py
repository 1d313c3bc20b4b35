"""How long something keeps a processor busy, on machines whose cores are shared."""

import time
from collections.abc import Callable

KNOWN_MILLISECONDS = 7


def milliseconds(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return (time.thread_time() - start) * 1000


def slowness() -> float:
    """How much slower than usual this machine is right now."""
    return max(1.0, milliseconds(_a_known_piece_of_work) / KNOWN_MILLISECONDS)


def _a_known_piece_of_work() -> None:
    sum(number * number for number in range(100_000))
