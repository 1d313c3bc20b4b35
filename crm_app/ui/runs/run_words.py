"""How runs and their times read."""

from datetime import datetime, timedelta

STATES = {
    "pending": ("Waiting", "gray"),
    "started": ("Running", "blue"),
    "finished": ("Finished", "green"),
    "failed": ("Failed", "red"),
    "cancelled": ("Cancelled", "amber"),
    "none": ("Not reached", "gray"),
}
HELD = ("Held", "amber")
EVENTS = {
    "record.created": "it was created",
    "record.updated": "it was changed",
    "record.deleted": "it was deleted",
    "record.restored": "it was restored",
}
_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


def state_words(status: str, *, is_held: bool = False) -> tuple[str, str]:
    """The word and the classes of its badge."""
    label, color = HELD if is_held else STATES.get(status, (status, "gray"))
    return label, f"badge badge-{color}"


def length_text(begun: datetime, ended: datetime) -> str:
    """`120 ms`, `3.4 s`, `2 min 5 s`, `3 h 20 min`."""
    length = max(ended - begun, timedelta(0))
    if length < _SECOND:
        return f"{length // timedelta(milliseconds=1)} ms"
    if length < _MINUTE:
        return f"{length / _SECOND:.1f} s"
    if length < _HOUR:
        return f"{length // _MINUTE} min {length % _MINUTE // _SECOND} s"
    return f"{length // _HOUR} h {length % _HOUR // _MINUTE} min"


def error_text(error: str) -> str:
    """Without the name that programs know it by."""
    _code, separator, sentence = error.partition(": ")
    return sentence if separator else error
