"""What an input of a form holds of a value, and how to know afterwards that nobody touched it."""

from datetime import datetime
from typing import Any, TypedDict

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.compound import Compound
from crm_app.fields.long_text import is_rich
from crm_app.fields.rich_text import harmless
from crm_app.kernel.times import on_clock

NEITHER = "neither"
COMPUTED = "computed"
_ONE_LINE = frozenset({"text", "email", "phone", "url"})


class FormPart(TypedDict):
    """One input of a value of several parts."""

    name: str
    id: str
    label: str
    value: str
    autofill: str
    is_multiline: bool


def widget_of(field: FieldDefinition, value: Any) -> str:
    """A browser takes line breaks out of an input of one line, so what has some gets one of several. What is
    worked out has none.
    """
    if field.is_computed:
        return COMPUTED
    if is_rich(field.settings):
        return "rich_text"
    widget = field.field_type.widget
    is_broken = isinstance(value, str) and ("\n" in value or "\r" in value)
    return "long_text" if widget in _ONE_LINE and is_broken else widget


def input_text(field: FieldDefinition, value: Any, time_zone: str) -> str:
    """A value that came from an address is text already. The editor shows HTML, so even that is made harmless."""
    if isinstance(value, datetime):
        return local_text(value, time_zone)
    if is_rich(field.settings):
        return harmless(value) if isinstance(value, str) else ""
    return value if isinstance(value, str) else field.edit(value)


def local_text(value: datetime, time_zone: str) -> str:
    """An instant on the person's own clock, as a browser's input for date and time holds it."""
    local = on_clock(value, time_zone).replace(tzinfo=None)
    return local.isoformat(timespec="seconds" if local.second or local.microsecond else "minutes")


def held(field: FieldDefinition, value: Any, *, is_new: bool) -> str:
    """What the input can't show: the instant behind a date and time, that a yes or no was neither so far, and text with
    line breaks that a browser writes in another way.
    """
    if field.field_type.widget == "boolean" and not is_new and value is None:
        return NEITHER
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str) and "\r" in value else ""


def is_untouched(kept: str, text: str, time_zone: str) -> bool:
    """Whether the text is how the browser showed what was held."""
    if text == "\n".join(kept.replace("\r\n", "\n").split("\r")):
        return True
    try:
        instant = datetime.fromisoformat(kept)
        return instant.tzinfo is not None and local_text(instant, time_zone) == text
    except (ValueError, OverflowError):
        return False


def parts_of(field: FieldDefinition, value: Any) -> list[FormPart]:
    given = field.dump(value) if isinstance(value, Compound) else {}
    return [
        FormPart(
            name=part_input(field.name, part.name),
            id=f"field-{field.name}-{part.name}",
            label=part.label,
            value=str(given.get(part.name) or ""),
            autofill=part.autofill,
            is_multiline=part.is_multiline,
        )
        for part in field.field_type.parts
    ]


def part_input(field: str, part: str) -> str:
    """The name of one of several inputs of a field, such as a checkbox; a form carries each name once."""
    return f"{field}::{part}"
