"""Which fields lists and cards show, in order. A thing is `list:amount` or `card:amount`, a group `list:shown`."""

from crm_app.definitions import edits
from crm_app.definitions.edits import Body
from crm_app.definitions.object import ObjectDefinition
from crm_app.services import drafts
from crm_app.ui.builder.builder_data import Scene, ThingGroup, field_thing
from crm_app.ui.builder.part_data import NO_PART, Drop, Form, PartTab, PartView

_PLACES = {"list": ("list_fields", "In lists"), "card": ("card_fields", "On cards of a board")}


def _shown(body: Body, place: str) -> list[str]:
    """What shows now, said or not."""
    definition = ObjectDefinition.model_validate(body).live
    return list(definition.shown_in_lists if place == "list" else definition.card_fields)


def _view(scene: Scene, chosen: str) -> PartView:
    body = drafts.body_of(scene.work, scene.draft, scene.key)
    groups = [group for place in _PLACES for group in _groups(scene, place, _shown(body, place))]
    return PartView(groups, chosen, NO_PART, [], [], [])


def _groups(scene: Scene, place: str, names: list[str]) -> list[ThingGroup]:
    known = scene.definition.all_fields
    others = [name for name in known if name not in names]
    parts = (("shown", _PLACES[place][1], names, True), ("hidden", "Not shown", others, False))
    return [
        ThingGroup(
            id=f"{place}:{part}",
            label=label,
            note=scene.problem_at(_PLACES[place][0]) if is_shown else "",
            items=[
                {**field_thing(scene, known[name]), "id": f"{place}:{name}", "badges": [], "faded": not is_shown}
                for name in listed
                if name in known
            ],
            empty="Choose a field below, or drag it here." if is_shown else "Every field is shown.",
            choosable=False,
        )
        for part, label, listed, is_shown in parts
    ]


def _move(body: Body, _chosen: str, drop: Drop) -> Body:
    """Between a list and the cards of a board nothing can be moved."""
    place, _, name = drop.thing.partition(":")
    to_place, _, part = drop.group.partition(":")
    if place not in _PLACES or to_place != place:
        return body
    key = _PLACES[place][0]
    if part == "shown":
        return edits.place_name(body, key, name, drop.index, _shown(body, place))
    return edits.drop_name(body, key, name, _shown(body, place))


def _act(body: Body, chosen: str, name: str) -> tuple[Body, str]:
    """A field that is chosen shows, or no longer does."""
    place, _, field = name.partition(":")
    if place not in _PLACES:
        return body, chosen
    shown = _shown(body, place)
    group = "hidden" if field in shown else "shown"
    return _move(body, chosen, Drop(name, f"{place}:{group}", len(shown))), name


def _save(body: Body, _chosen: str, _form: Form) -> Body:
    return body


LISTS_TAB = PartTab(view=_view, choose=lambda _chosen, name: name, move=_move, save=_save, act=_act)
