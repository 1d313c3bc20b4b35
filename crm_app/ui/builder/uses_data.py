"""What depends on a field, each with the page where it is set."""

from typing import TypedDict

from crm_app.automation.rules import rules_of
from crm_app.services.impact import Impact, Use
from crm_app.ui.address import DECISIONS, list_path
from crm_app.ui.builder.addresses import TabName, builder_path
from crm_app.ui.builder.builder_data import Scene

_TABS: dict[str, TabName] = {
    "fields": "fields",
    "layouts": "layout",
    "list_fields": "lists",
    "card_fields": "lists",
    "pipelines": "pipelines",
    "name_field": "general",
}


class UseLine(TypedDict):
    """`note` is the rule, or by which computed fields it depends. `href` is empty where no page sets it."""

    key: str
    label: str
    note: str
    href: str


def use_lines(scene: Scene, field: str) -> list[UseLine]:
    """In the draft as it stands. Places that say the same, such as a layout's, are one."""
    rules = scene.work.schema.rules if not scene.draft.edited else None
    uses = Impact(scene.package, rules_of, rules).of((scene.definition.name, field))
    found: dict[tuple[str, str], UseLine] = {}
    for use in uses:
        note = _note(scene, use)
        found.setdefault((use.label, note), UseLine(key=use.path, label=use.label, note=note, href=_href(scene, use)))
    return list(found.values())


def uses_title(uses: list[UseLine]) -> str:
    match len(uses):
        case 0:
            return "Nothing depends on it"
        case 1:
            return "Used in 1 place"
        case count:
            return f"Used in {count} places"


def _note(scene: Scene, use: Use) -> str:
    names = [_label(scene, path) for path in use.through]
    return " ".join([*([f"By way of {', '.join(names)}."] if names else []), *([use.rule] if use.rule else [])])


def _label(scene: Scene, path: str) -> str:
    _, owner, _, name = path.split("/")
    return scene.package.by_name[owner].all_fields[name].label


def _href(scene: Scene, use: Use) -> str:
    match use.path.split("/"):
        case ["objects", name, part, *_]:
            return builder_path(name, _TABS.get(part, "json"))
        case ["views", name, *_]:
            view = next((each for each in scene.package.views if each.name == name), None)
            return f"{list_path(view.object)}?view={name}" if view and view.object in scene.work.catalog.by_name else ""
        case ["decisions", name, *_]:
            return f"{DECISIONS}/{name}"
        case _:
            return ""
