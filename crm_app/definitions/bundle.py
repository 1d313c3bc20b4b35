"""Ready-made parts that an administrator ticks for a new object. One file each in `bundles/`, `BUNDLE` its value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm_app.definitions.edits import add_field
from crm_app.definitions.object import ObjectDefinition

Body = dict[str, Any]
OBJECT_FORMAT: int = ObjectDefinition.model_fields["format_version"].default


@dataclass(frozen=True)
class Bundle:
    """`apply` takes an object's JSON and gives it with the parts added."""

    name: str
    label: str
    description: str
    apply: Callable[[Body], Body]


def with_fields(body: Body, *fields: Body) -> Body:
    for field in fields:
        body = add_field(body, field)
    return body


def new_object(name: str, label: str, plural: str, **settings: Any) -> Body:
    """An object with nothing but its name field."""
    title = {"name": "name", "label": "Name", "type": "text", "required": True, "searchable": True}
    return {
        "format_version": OBJECT_FORMAT,
        "name": name,
        "label": label,
        "plural": plural,
        **settings,
        "name_field": "name",
        "fields": [title],
    }
