"""Field values as a person reads them: text, the link behind it, and how it is set."""

from datetime import date, datetime
from typing import Any, NotRequired, TypedDict, cast

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.choices import ChoiceConfig
from crm_app.fields.compound import Compound
from crm_app.fields.file import FileConfig
from crm_app.fields.own_objects import OWN_OBJECTS
from crm_app.fields.rating import RatingConfig
from crm_app.kernel.times import day_text, moment_text
from crm_app.services.permissions import MASK
from crm_app.services.record_query import Record
from crm_app.ui.address import record_path
from crm_app.ui.records.file_data import FILES, FileLink, file_links

_STAGE_COLORS = {"open": "blue", "won": "green", "lost": "red"}
_COLORS = frozenset(
    ("gray", "red", "orange", "amber", "yellow", "green", "teal", "cyan", "blue", "indigo", "violet", "purple", "pink")
)
_DRAWN = {"color": "color-cell", "rating": "stars"}
_LINKS_SHOWN = 5
_HREF_PREFIXES = {"email": "mailto:", "phone": "tel:"}


LINKS = "links"


class LinkShown(TypedDict):
    text: str
    href: str


class Cell(TypedDict):
    """`css` sets the text (a number, a badge); `href` is a page of the product and `out` an address outside of it;
    `label` is for who can't see what the text draws; `html` is harmless, and there for the page of one record alone;
    `files` are there where `css` says so, and so are `links`, with those that fold under `more_text` in `more`.
    """

    text: str
    href: str
    out: str
    css: str
    label: NotRequired[str]
    html: NotRequired[str]
    files: NotRequired[list[FileLink]]
    links: NotRequired[list[LinkShown]]
    more: NotRequired[list[LinkShown]]
    more_text: NotRequired[str]


def stay_text(seconds: int) -> str:
    """How long something has lasted, to the largest unit that says something."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:,} {unit}"
    return "a moment"


def value_text(field: FieldDefinition, value: Any, time_zone: str) -> str:
    if value == MASK:
        return MASK
    if isinstance(value, datetime):
        return moment_text(value, time_zone)
    if isinstance(value, date):
        return day_text(value)
    return field.text(value)


def option_color(definition: ObjectDefinition, field: FieldDefinition, value: str) -> str:
    """The option's own colour; a stage without one shows its kind."""
    if isinstance(field.settings, ChoiceConfig):
        own = next((option.color for option in field.settings.options if option.name == value), "")
        if own in _COLORS:
            return own
    for pipeline in definition.pipelines:
        if pipeline.field == field.name:
            kinds = {stage.name: _STAGE_COLORS[stage.kind] for stage in pipeline.stages}
            return kinds.get(value, "gray")
    return "gray"


def _css(definition: ObjectDefinition, field: FieldDefinition, value: Any) -> str:
    if field.field_type.widget in _DRAWN:
        return _DRAWN[field.field_type.widget]
    if field.field_type.widget == "select" and value is not None:
        return f"badge badge-{option_color(definition, field, value)}"
    return "number" if field.field_type.is_numeric else ""


def _outside(field: FieldDefinition, value: Any) -> str:
    widget = field.field_type.widget
    if field.type == "location" and isinstance(value, Compound):
        return "geo:" + ",".join(field.dump(value).values())
    if not isinstance(value, str):
        return ""
    if widget in _HREF_PREFIXES:
        return _HREF_PREFIXES[widget] + value
    return value if widget == "url" and value.startswith(("https://", "http://")) else ""


def links_text(record: Record, field: str) -> str:
    """The first few names, and how many more there are."""
    value = record.values.get(field)
    if not isinstance(value, list):
        return MASK if value == MASK else ""
    count = len(cast("list[object]", value))
    names = [each.name for each in record.linked.get(field, ())]
    more = f" +{count - len(names)}" if names and count > len(names) else ""
    return ", ".join(names) + more


def links_cell(record: Record, field: str) -> Cell:
    """For the page of the record: each link by itself, the first few at once."""
    value = record.values.get(field)
    references = record.linked.get(field, ())
    count = len(cast("list[object]", value)) if isinstance(value, list) else 0
    shown = [LinkShown(text=each.name or each.object, href=record_path(each.object, each.id)) for each in references]
    if not shown:
        return Cell(text=links_text(record, field), href="", out="", css="")
    first, rest = shown[:_LINKS_SHOWN], shown[_LINKS_SHOWN:]
    unnamed = count - len(shown)
    said = f"{count - len(first):,} more" + (f", of which these are the first {len(rest):,}" if unnamed > 0 else "")
    text = ", ".join(each["text"] for each in first)
    return Cell(text=text, href="", out="", css=LINKS, links=first, more=rest, more_text=said if rest else "")


def _pointing(field: FieldDefinition, record: Record) -> Cell:
    if field.field_type.is_linked:
        return Cell(text=links_text(record, field.name), href="", out="", css="")
    reference = record.references.get(field.name)
    text = reference.name if reference else ""
    is_linked = reference is not None and reference.object not in OWN_OBJECTS
    href = record_path(reference.object, reference.id) if reference and is_linked else ""
    return Cell(text=text, href=href, out="", css="owner" if reference and not is_linked else "")


def cell_of(definition: ObjectDefinition, field: FieldDefinition, record: Record, time_zone: str) -> Cell:
    """A field that this reader may not see, or that is empty, is an empty cell."""
    value = record.values.get(field.name)
    if field.targets:
        return _pointing(field, record)
    if field.name == definition.name_field:
        href = record_path(definition.name, record.ref.id)
        return Cell(text=record.name, href=href, out="", css="name")
    if value is None:
        return Cell(text="", href="", out="", css="")
    text = value_text(field, value, time_zone)
    css = "" if value == MASK else _css(definition, field, value)
    if isinstance(field.settings, FileConfig) and isinstance(value, list):
        return Cell(text=text, href="", out="", css=FILES, files=file_links(value))
    if isinstance(field.settings, RatingConfig) and isinstance(value, int):
        stars = "★" * value + "☆" * (field.settings.max - value)
        return Cell(text=stars, href="", out="", css=css, label=text)
    return Cell(text=text, href="", out=_outside(field, value), css=css)
