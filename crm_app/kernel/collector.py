"""The garbage collector of a process that serves for long."""

import gc

_YOUNG, _MIDDLE, _OLD = 10_000, 20, 50


def settle() -> None:
    """Takes what is loaded out of every later collection: code and definitions stay for good, and walking over them
    cost a list request a tenth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
