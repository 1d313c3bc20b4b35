"""Layouts: tabs with sections, fields put into them. What is chosen is `0.1.2` (layout, tab, section), or `0:amount`,
a field as the layout shows it.
"""

import re

from crm_app.definitions import layout_edits
from crm_app.definitions.edits import Body
from crm_app.definitions.layout import REST, Layout, Section, Tab
from crm_app.definitions.layout_edits import Place, layouts_of, part_at
from crm_app.definitions.settings import Setting, settings_of, with_settings
from crm_app.kernel.errors import Invalid
from crm_app.services import drafts
from crm_app.ui.builder.builder_data import Scene, Thing, ThingGroup, field_thing
from crm_app.ui.builder.inputs_data import SettingInput, inputs_of, plain_choices, role_choices
from crm_app.ui.builder.part_data import NO_PART, Drop, Form, PartPanel, PartTab, PartView, Tool, order_tools, tool

_ELSEWHERE = "elsewhere"
_PLACE = re.compile(r"(\d{1,3})(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?")
_APART = {"name", "tabs", "sections", "fields"}


def place_of(chosen: str) -> Place:
    """Anything else is the first layout."""
    match = _PLACE.match(chosen)
    if match is None:
        return Place()
    layout, tab, section = (int(part) if part else None for part in match.groups())
    return Place(layout or 0, tab, section)


def _view(scene: Scene, chosen: str) -> PartView:
    body = drafts.body_of(scene.work, scene.draft, scene.key)
    layouts = layouts_of(body)
    place = place_of(chosen)
    place = place if place.layout < len(layouts) else Place()
    field = chosen.partition(":")[2]
    panel = NO_PART if field or not chosen else _panel(body, place, chosen)
    return PartView(
        groups=_groups(scene, layouts[place.layout], place.layout),
        highlight=field or chosen,
        panel=panel,
        inputs=_inputs(scene, body, place, layouts[place.layout]["name"]) if panel["key"] else [],
        parts=_parts(layouts, place),
        tools=_tools(layouts[place.layout], place),
    )


def _parts(layouts: list[Body], place: Place) -> list[Tool]:
    return [tool(str(at), each["label"], is_current=at == place.layout) for at, each in enumerate(layouts)]


def _tools(layout: Body, place: Place) -> list[Tool]:
    tabs = [
        tool(f"{place.layout}.{at}", f"Tab: {tab['label']}", "pencil", is_current=place.tab == at)
        for at, tab in enumerate(layout["tabs"])
    ]
    added = (("add-section", "Add a section"), ("add-tab", "Add a tab"), ("add-layout", "Add a layout"))
    return [*tabs, *[tool(name, label, "plus") for name, label in added]]


def _groups(scene: Scene, layout: Body, at: int) -> list[ThingGroup]:
    """One per section; at last the fields that the layout does not name."""
    groups: list[ThingGroup] = []
    placed: set[str] = set()
    for tab_at, tab in enumerate(layout["tabs"]):
        for index, section in enumerate(tab.get("sections", [])):
            names = [name for name in section.get("fields", []) if name not in placed]
            placed.update(names)
            title = section["label"] if len(layout["tabs"]) == 1 else f"{tab['label']}: {section['label']}"
            groups.append(
                ThingGroup(
                    id=f"{at}.{tab_at}.{index}",
                    label=title,
                    note=scene.problem_at(f"layouts/{layout['name']}/tabs/{tab_at}/sections/{index}"),
                    items=[_thing(scene, name) for name in names if _is_known(scene, name)],
                    empty="Drag a field here.",
                    choosable=True,
                )
            )
    rest = [field_thing(scene, each) for each in scene.definition.fields if each.name not in placed]
    has_rest = layout_edits.shows_rest(layout)
    note = "Shown where it says “All other fields”." if has_rest else "Not on this layout."
    groups.append(
        ThingGroup(id=_ELSEWHERE, label="Not placed", note=note, items=rest, empty="Every field has a place.",
                   choosable=False)
    )  # fmt: skip
    return groups


def _is_known(scene: Scene, name: str) -> bool:
    return name == REST or name in scene.definition.all_fields


def _thing(scene: Scene, name: str) -> Thing:
    if name == REST:
        return Thing(id=REST, label="All other fields", note="New fields show here by themselves.", icon="ellipsis",
                     problem="", badges=[], faded=True)  # fmt: skip
    each = scene.definition.all_fields[name]
    thing = field_thing(scene, each)
    return {**thing, "badges": [*thing["badges"], *(["Conditional"] if each.conditions else [])]}


def _settings(place: Place) -> list[Setting]:
    model = Section if place.section is not None else Tab if place.tab is not None else Layout
    return [setting for setting in settings_of(model) if setting.path not in _APART]


def _panel(body: Body, place: Place, chosen: str) -> PartPanel:
    part = part_at(body, place)
    if part is None:
        return NO_PART
    noun = "section" if place.section is not None else "tab" if place.tab is not None else "layout"
    note = {"section": "A titled group of fields.", "tab": "A page of the record's page.",
            "layout": "The first layout that fits the person and the record is used."}[noun]  # fmt: skip
    return PartPanel(key=chosen, title=part["label"], note=note, actions=order_tools(f"the {noun}"))


def _inputs(scene: Scene, body: Body, place: Place, layout: str) -> list[SettingInput]:
    tab = "" if place.tab is None else f"/tabs/{place.tab}"
    path = f"layouts/{layout}{tab}" + ("" if place.section is None else f"/sections/{place.section}")

    def choices(setting: Setting, _body: Body) -> list[tuple[str, str]]:
        if setting.path == "roles":
            return role_choices(scene)
        if setting.path == "related":
            found = scene.package.live.related.get(scene.definition.name, [])
            return [(each.name, f"{each.object.plural} ({each.field.label})") for each in found] + [
                (REST, "All others")
            ]
        return plain_choices(setting)

    part = part_at(body, place) or {}
    return inputs_of(_settings(place), part, choices, lambda setting: scene.problem_at(f"{path}/{setting}"))


def _choose(chosen: str, name: str) -> str:
    if name in ("", _ELSEWHERE):
        return str(place_of(chosen).layout)
    return name if _PLACE.fullmatch(name) else f"{place_of(chosen).layout}:{name}"


def _move(body: Body, chosen: str, drop: Drop) -> Body:
    group = place_of(drop.group) if _PLACE.fullmatch(drop.group) else Place(place_of(chosen).layout)
    return layout_edits.place_field(body, group, drop.thing, drop.index)


def _save(body: Body, chosen: str, form: Form) -> Body:
    place = place_of(chosen)
    part = part_at(body, place)
    if part is None:
        return body
    changed, problems = with_settings(part, _settings(place), form)
    if problems:
        raise Invalid("This was not kept.", problems)
    return layout_edits.change_part(body, place, changed)


def _act(body: Body, chosen: str, name: str) -> tuple[Body, str]:
    place = place_of(chosen)
    if part_at(body, place) is None:
        return body, "0"
    if name.startswith("add-"):
        return _added(body, place, name)
    if name == "remove":
        return layout_edits.remove_part(body, place), str(place.layout if place.tab is not None else 0)
    if name in ("earlier", "later"):
        return _moved(body, place, -1 if name == "earlier" else 1)
    return body, chosen


def _added(body: Body, place: Place, name: str) -> tuple[Body, str]:
    """The new part is chosen."""
    tabs = layouts_of(body)[place.layout]["tabs"]
    match name:
        case "add-layout":
            return layout_edits.add_layout(body), "0"
        case "add-tab":
            return layout_edits.add_tab(body, place), f"{place.layout}.{len(tabs)}"
        case _:
            at = len(tabs) - 1 if place.tab is None else place.tab
            count = len(tabs[at].get("sections", []))
            return layout_edits.add_section(body, Place(place.layout, at)), f"{place.layout}.{at}.{count}"


def _moved(body: Body, place: Place, by: int) -> tuple[Body, str]:
    """The part goes on being chosen where it is then."""
    numbers = [number for number in (place.layout, place.tab, place.section) if number is not None]
    to = Place(*[*numbers[:-1], numbers[-1] + by])
    if part_at(body, to) is None:
        return body, ".".join(map(str, numbers))
    return layout_edits.move_part(body, place, by), ".".join(map(str, [*numbers[:-1], numbers[-1] + by]))


LAYOUT_TAB = PartTab(view=_view, choose=_choose, move=_move, save=_save, act=_act)
