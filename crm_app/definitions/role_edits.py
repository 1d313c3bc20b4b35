"""What an administrator does to a role, one pure function each: canonical JSON → JSON."""

from collections.abc import Sequence
from typing import Any, cast

from crm_app.definitions.edits import Body, with_values
from crm_app.definitions.role import ACTIONS, RULE, SCOPES
from crm_app.kernel.errors import Invalid, NotFound, Problem

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
    """What the role itself says of an action on an object in one word: a scope, `deny`, or nothing. Rules and
    restrictions stay beside it.
    """
    if action not in ACTIONS or scope not in ("", NEVER, *SCOPES):
        raise Invalid("That can't be granted.", [Problem(f"{name[:50]}/{action[:20]}", "Choose one of the scopes.")])
    said = (each for each in _parts(body, "grants") if _is_said(each, name, action))
    rest, note = _without(body, name, action), next((each["note"] for each in said if each.get("note")), "")
    own: Body = {"objects": [name], "actions": [action], **({"note": note} if note else {})}
    if scope == NEVER:
        rest.append({**own, "effect": NEVER})
    elif scope:
        rest.append(own if scope == "all" else {**own, "scope": scope})
    return _with_grants(body, rest)


def conditions(body: Body, name: str) -> list[Body]:
    """What the role says of the object otherwise: grants by a rule, and restrictions."""
    return [each for each in _parts(body, "grants") if name in each["objects"] and _is_condition(each)]


def set_condition(body: Body, name: str, at: int, condition: Body) -> Body:
    """Replaces the object's condition with that number, or adds one after the last. Without actions it goes."""
    found = conditions(body, name)
    if not 0 <= at <= len(found):
        raise NotFound("There is no such rule any more.")
    note = found[at].get("note") if at < len(found) else None
    kept = {"note": note, **condition} if note else condition
    made = [{**kept, "objects": [name]}] if condition.get("actions") else []
    if at == len(found):
        return _with_grants(body, [*_parts(body, "grants"), *made])
    grants: list[Body] = []
    for grant in _parts(body, "grants"):
        if grant is not found[at]:
            grants.append(grant)
            continue
        others = [each for each in grant["objects"] if each != name]
        grants += [*made, *([{**grant, "objects": others}] if others else [])]
    return _with_grants(body, grants)


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


def _without(body: Body, name: str, action: str) -> list[Body]:
    """The grants without what they say in one word of this object and action."""
    rest: list[Body] = []
    for grant in _parts(body, "grants"):
        if not _is_said(grant, name, action):
            rest.append(grant)
            continue
        actions = list(ACTIONS) if "*" in grant["actions"] else grant["actions"]
        if others := [each for each in grant["objects"] if each != name]:
            rest.append({**grant, "objects": others})
        if others := [each for each in actions if each != action]:
            rest.append({**grant, "objects": [name], "actions": others})
    return rest


def _is_said(grant: Body, name: str, action: str) -> bool:
    """Whether the grant says in one word what holds of this object and action."""
    return name in grant["objects"] and bool({"*", action} & set(grant["actions"])) and not _is_condition(grant)


def _with_grants(body: Body, grants: list[Body]) -> Body:
    """With as few grants as say the same, in the order in which they were: those about the same objects become one,
    then those about the same actions.
    """
    by_object = _joined(grants, "actions", "objects")
    for grant in by_object:
        grant["actions"] = sorted(grant["actions"], key=[*ACTIONS, "*"].index)
    return with_values(body, {"grants": _joined(by_object, "objects", "actions") or None})


def _joined(grants: list[Body], joined: str, same: str) -> list[Body]:
    """A rule is about one object and joins no other."""
    found: dict[tuple[Any, ...], Body] = {}
    for grant in grants:
        rest = tuple(sorted((key, value) for key, value in grant.items() if key not in (joined, same)))
        kept = tuple(grant["objects"]) if _is_rule(grant) else ()
        key = (tuple(sorted(grant[same])), kept, rest)
        known = found.get(key)
        if known is None:
            found[key] = {**grant, joined: list(grant[joined])}
        else:
            known[joined] += [each for each in grant[joined] if each not in known[joined]]
    return list(found.values())


def _is_rule(grant: Body) -> bool:
    return str(grant.get("scope", "")).startswith(RULE)


def _is_condition(grant: Body) -> bool:
    return _is_rule(grant) or grant.get("effect") == "restrict"


def _parts(body: Body, key: str) -> list[Body]:
    return [*cast("list[Body]", body.get(key, []))]
