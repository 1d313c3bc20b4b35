"""What a rule of a step can be given, to be picked instead of typed."""

from collections.abc import Iterator
from typing import TypedDict

from crm_app.automation import tree_edits
from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.slots import Body
from crm_app.automation.step_type import Place
from crm_app.rules.completion import type_words
from crm_app.ui.designer.tree_data import Drawing
from crm_app.ui.rules.desk import Desk
from crm_app.ui.rules.rows import NO_ROWS, rule_fields

_WORDS = {
    "bool": "yes or no",
    "int": "number",
    "decimal": "number",
    "money": "amount",
    "enum": "choice",
    "datetime": "moment",
    "ref": "record",
}


class Datum(TypedDict):
    """`name` is what goes into the rule; `note` the type of its values."""

    name: str
    label: str
    note: str
    group: str
    icon: str
    family: str


def data_at(drawing: Drawing, path: str, desk: Desk) -> list[Datum]:
    """Fields of the record, what they were before, and what the steps before gave."""
    place: Place | None = drawing.found.places.get(path)
    fields = rule_fields(desk, NO_ROWS)
    own = desk.definition.label
    found = [
        _datum(each["path"], each["label"], each["kind"], f"{own} → {each['group']}" if each["group"] else own)
        for each in fields
    ]
    before = [
        _datum(f"old.{each['path']}", each["label"], each["kind"], "Before the change")
        for each in fields
        if not each["group"] and each["path"] != "id"
    ]
    return [*_of_steps(drawing, place), *found, *before]


def _of_steps(drawing: Drawing, place: Place | None) -> Iterator[Datum]:
    steps: dict[str, Body] = {str(each.step.get("id")): each.step for each in tree_edits.walk(drawing.scene.body)}
    for name, of in (place.variables if place else {}).items():
        root, _, rest = name.partition(".")
        if root != "steps":
            yield _datum(f"vars.{name}", name.replace("_", " ").capitalize(), type_words(of), "Variables")
            continue
        step_id, _, output = rest.partition(".")
        step = steps.get(step_id, {})
        known = STEP_TYPES.find(str(step.get("type")))
        title = str(step.get("name") or (known.label if known else step_id))
        yield _datum(name, f"{title}: {output.replace('_', ' ')}", type_words(of), "Earlier steps")


def _datum(name: str, label: str, note: str, group: str) -> Datum:
    return Datum(
        name=name, label=label, note=f"{name} · {_WORDS.get(note, note)}", group=group, icon="tag", family="plain"
    )
