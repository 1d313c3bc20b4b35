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
BLOCK_STATES = {
    "none": ("Not reached yet", ""),
    "skipped": ("Not taken", ""),
    "running": ("Going on", "loader-circle"),
    "waiting": ("Waiting", "clock"),
    "retrying": ("Tried again", "repeat"),
    "finished": ("Done", "circle-check"),
    "failed": ("Failed", "circle-x"),
    "cancelled": ("Cancelled", "circle-x"),
    "undone": ("Undone", "undo-2"),
}
_COLORS = {
    "running": "blue",
    "waiting": "amber",
    "retrying": "amber",
    "finished": "green",
    "failed": "red",
    "cancelled": "amber",
    "undone": "gray",
}
HELD = ("Held", "amber")
EVENTS = {
    "record.created": "it was created",
    "record.updated": "it was changed",
    "record.deleted": "it was deleted",
    "record.restored": "it was restored",
}
_STARTED = {
    "manual": "somebody started it",
    "called": "another workflow called it",
    "signal": "a signal came",
    "webhook": "another system called its webhook",
    "form.submitted": "somebody filled in its form",
    "email.received": "a mail arrived",
    "schedule": "it was time",
    "date.reached": "its date came",
}
_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


def state_words(status: str, *, is_held: bool = False) -> tuple[str, str]:
    """The word and the classes of its badge."""
    label, color = HELD if is_held else STATES.get(status, (status, "gray"))
    return label, f"badge badge-{color}"


def because_of(trigger: str, event: str) -> str:
    """`event` names a fact; what started otherwise is known by the type of its trigger."""
    return EVENTS.get(event) or _STARTED.get(trigger) or event


def block_words(state: str) -> tuple[str, str]:
    return BLOCK_STATES[state][0], f"badge badge-{_COLORS.get(state, 'gray')}"


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
