"""What an administrator does to a role, one pure function each: canonical JSON → JSON."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from crm_app.definitions.edits import Body, with_values
from crm_app.definitions.role import ACTIONS, RULE, SCOPES
from crm_app.kernel.errors import Invalid, Problem

NEVER = "deny"
_EDIT = "edit"
_LEVELS = ("none", "mask", "read")


def new_role(name: str, label: str, kind: str, like: Body | None = None) -> Body:
    """`like` is a role whose grants and field levels the new one begins with."""
    own: Body = {"format_version": 1, "name": name, "label": label}
    if kind == "permission_set":
        own["kind"] = kind
    kept = () if like is None else ("grants", "field_levels", *(() if kind == "permission_set" else ("inherits",)))
    return {**own, **{key: cast("Body", like)[key] for key in kept if key in cast("Body", like)}}


def set_cell(body: Body, name: str, action: str, scope: str) -> Body:
    """What the role itself grants of an action on an object: a scope, `deny`, or nothing. Rules of that place stay
    beside a scope, and beside nothing.
    """
    if action not in ACTIONS or scope not in ("", NEVER, *SCOPES):
        raise Invalid("That can't be granted.", [Problem(f"{name[:50]}/{action[:20]}", "Choose one of the scopes.")])
    rest, here = _taken(body, name, action)
    rules = [each for each in here if _scope(each).startswith(RULE) and not _denies(each)]
    made: list[Body] = [] if scope == NEVER else rules
    if scope == NEVER:
        made = [{"effect": "deny"}]
    elif scope:
        made = [*rules, {} if scope == "all" else {"scope": scope}]
    return _with_grants(body, [*rest, *(_own(each, name, action) for each in made)])


def set_rules(body: Body, name: str, action: str, rules: Iterable[str]) -> Body:
    """The rules by which the role reaches records for this action, besides the scope that it has there."""
    if action not in ACTIONS:
        raise Invalid("That can't be granted.", [Problem(f"{name[:50]}/{action[:20]}", "There is no such action.")])
    rest, here = _taken(body, name, action)
    plain = [each for each in here if not _scope(each).startswith(RULE)]
    texts = dict.fromkeys(text for each in rules if (text := each.strip()))
    made = [*plain, *({"scope": f"{RULE}{text}"} for text in texts)]
    return _with_grants(body, [*rest, *(_own(each, name, action) for each in made)])


def set_level(body: Body, name: str, field: str, level: str) -> Body:
    """`edit` is a field as open as its object."""
    if level not in (*_LEVELS, _EDIT):
        raise Invalid("That is no level.", [Problem(f"{name[:50]}/{field[:50]}", f"Choose {', '.join(_LEVELS)}.")])
    levels = [each for each in _parts(body, "field_levels") if (each["object"], each["field"]) != (name, field)]
    if level != _EDIT:
        levels.append({"object": name, "field": field, "level": level})
    levels.sort(key=lambda each: (each["object"], each["field"]))
    return with_values(body, {"field_levels": levels or None})


def set_inherits(body: Body, roles: Sequence[str]) -> Body:
    return with_values(body, {"inherits": list(dict.fromkeys(roles)) or None})


def set_texts(body: Body, label: str, description: str) -> Body:
    return with_values(body, {"label": label.strip(), "description": description.strip() or None})


def _taken(body: Body, name: str, action: str) -> tuple[list[Body], list[Body]]:
    """The grants without this object and action, and what they said of it."""
    rest: list[Body] = []
    here: list[Body] = []
    for grant in _parts(body, "grants"):
        actions = list(ACTIONS) if "*" in grant["actions"] else grant["actions"]
        if name not in grant["objects"] or action not in actions or grant.get("effect") == "restrict":
            rest.append(grant)
            continue
        here.append(grant)
        if others := [each for each in grant["objects"] if each != name]:
            rest.append({**grant, "objects": others})
        if others := [each for each in actions if each != action]:
            rest.append({**grant, "objects": [name], "actions": others})
    return rest, here


def _own(grant: Body, name: str, action: str) -> Body:
    return {"objects": [name], "actions": [action], **{k: v for k, v in grant.items() if k in ("scope", "effect")}}


def _with_grants(body: Body, grants: list[Body]) -> Body:
    """With as few grants as say the same, in the order in which they were: those about the same objects become one,
    then those about the same actions.
    """
    by_object = _joined(grants, "actions", "objects")
    for grant in by_object:
        grant["actions"] = sorted(grant["actions"], key=[*ACTIONS, "*"].index)
    return with_values(body, {"grants": _joined(by_object, "objects", "actions") or None})


def _joined(grants: list[Body], joined: str, same: str) -> list[Body]:
    found: dict[tuple[Any, ...], Body] = {}
    for grant in grants:
        rest = tuple(sorted((key, value) for key, value in grant.items() if key not in (joined, same)))
        key = (tuple(sorted(grant[same])), rest)
        known = found.get(key)
        if known is None:
            found[key] = {**grant, joined: list(grant[joined])}
        else:
            known[joined] += [each for each in grant[joined] if each not in known[joined]]
    return list(found.values())


def _scope(grant: Body) -> str:
    return grant.get("scope", "all")


def _denies(grant: Body) -> bool:
    return grant.get("effect") == "deny"


def _parts(body: Body, key: str) -> list[Body]:
    return [*cast("list[Body]", body.get(key, []))]
