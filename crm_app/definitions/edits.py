"""What an administrator does to a definition, one pure function each: canonical JSON → JSON. Whether the result is a
definition, and whether it fits the others, is checked by whoever keeps it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from crm_app.kernel.errors import NotFound

Body = dict[str, Any]
Edit = Callable[[Body], Body]

_NAME_LISTS = ("list_fields", "card_fields")


def named(items: Sequence[Body], name: str, noun: str) -> int:
    """Where the item of that name stands."""
    for index, item in enumerate(items):
        if item.get("name") == name:
            return index
    raise NotFound(f"There is no {noun} '{name[:50]}'.")


def moved(items: Sequence[Any], index: int, to: int) -> list[Any]:
    """The item at `index` taken out and put at `to`; beyond either end means that end."""
    rest = [*items[:index], *items[index + 1 :]]
    to = max(0, min(to, len(rest)))
    return [*rest[:to], items[index], *rest[to:]]


def with_values(body: Body, values: Mapping[str, Any]) -> Body:
    """Sets top-level settings; `None` takes one away, which is its default."""
    changed = {**body, **values}
    return {key: value for key, value in changed.items() if value is not None}


def add_field(body: Body, field: Body, at: int | None = None) -> Body:
    fields = fields_of(body)
    place = len(fields) if at is None else at
    return {**body, "fields": [*fields[:place], field, *fields[place:]]}


def change_field(body: Body, name: str, field: Body) -> Body:
    """The field's settings replaced; its name stays, because records and rules know it by that."""
    fields = fields_of(body)
    fields[named(fields, name, "field")] = {**field, "name": name}
    return {**body, "fields": fields}


def move_field(body: Body, name: str, to: int) -> Body:
    """`to` counts the fields that are not archived."""
    fields = fields_of(body)
    index = named(fields, name, "field")
    others = [at for at, each in enumerate(fields) if at != index and not each.get("archived")]
    place = others[max(0, to)] if to < len(others) else len(fields)
    return {**body, "fields": moved(fields, index, place - (1 if place > index else 0))}


def remove_field(body: Body, name: str) -> Body:
    """For a field that was never published: it goes, and so does its place in lists, on cards and in layouts."""
    fields = fields_of(body)
    del fields[named(fields, name, "field")]
    return without_name({**body, "fields": fields}, name)


def archive_field(body: Body, name: str) -> Body:
    """Hides a field; what records hold in it is kept. Nothing of the object's own shows it any more."""
    return without_name(_with_archived(body, name, archived=True), name)


def restore_field(body: Body, name: str) -> Body:
    return _with_archived(body, name, archived=False)


def _with_archived(body: Body, name: str, *, archived: bool) -> Body:
    fields = fields_of(body)
    index = named(fields, name, "field")
    fields[index] = {**fields[index], "archived": archived}
    return {**body, "fields": fields}


def without_name(body: Body, name: str) -> Body:
    """The field is no longer shown in lists, on cards and in layouts."""
    lists = {place: [each for each in body[place] if each != name] for place in _NAME_LISTS if place in body}
    return on_sections({**body, **lists}, lambda fields: [each for each in fields if each != name])


def on_sections(body: Body, change: Callable[[list[str]], list[str]]) -> Body:
    """The names in every section of every layout, through one function."""
    layouts = [
        {
            **layout,
            "tabs": [
                {
                    **tab,
                    "sections": [
                        {**part, "fields": change(part.get("fields", []))} for part in tab.get("sections", [])
                    ],
                }
                for tab in layout["tabs"]
            ],
        }
        for layout in body.get("layouts", [])
    ]
    return {**body, "layouts": layouts} if layouts else body


def place_name(body: Body, place: str, name: str, to: int, default: Sequence[str] = ()) -> Body:
    """Puts a field into `list_fields` or `card_fields`, or moves it there. `default` shows while none are set."""
    names = [each for each in body.get(place) or default if each != name]
    to = max(0, min(to, len(names)))
    return {**body, place: [*names[:to], name, *names[to:]]}


def drop_name(body: Body, place: str, name: str, default: Sequence[str] = ()) -> Body:
    return {**body, place: [each for each in body.get(place) or default if each != name]}


def fields_of(body: Body) -> list[Body]:
    return [*cast("list[Body]", body.get("fields", []))]


def grant(body: Body, name: str, actions: Sequence[str]) -> Body:
    """A role's definition in which the object is open for exactly these actions, on every record."""
    kept: list[Body] = []
    for each in cast("list[Body]", body.get("grants", [])):
        others = [other for other in each["objects"] if other != name]
        if others:
            kept.append({**each, "objects": others})
    granted = [{"objects": [name], "actions": list(actions)}] if actions else []
    return {**body, "grants": [*kept, *granted]}
