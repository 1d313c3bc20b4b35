"""Renaming in a draft: the object or field is called otherwise wherever it is named, in one step."""

import re

from crm_app.fields.choices import API_NAME
from crm_app.kernel.errors import Invalid, Problem
from crm_app.services.draft_store import Body, Draft, keep, locked, require_administrator, stored_body
from crm_app.services.new_names import NO_API_NAME
from crm_app.services.renames import AutomationRules, rename
from crm_app.services.unit_of_work import UnitOfWork

_KEPT_OF_A_NAME = ("table", "former_names")


def rename_field(work: UnitOfWork, path: str, new_name: str, automation_rules: AutomationRules) -> Draft:
    """`path` is such as `objects/deal/fields/amount`."""
    user, draft = require_administrator(work), locked(work)
    bodies = _renamed(work, draft, path, new_name, automation_rules)
    return keep(work, user, draft, _label(path, new_name), bodies)


def rename_object(work: UnitOfWork, name: str, new_name: str, automation_rules: AutomationRules) -> Draft:
    """Its records stay where they are stored, and what was told of it under its old name is still found."""
    user, draft = require_administrator(work), locked(work)
    key, new_key = f"objects/{name}", f"objects/{new_name}"
    if stored_body(work, new_key) is not None:
        raise _refused(f"There is '{new_name}' already, live or archived. Choose another name.")
    bodies: dict[str, Body | None] = {**_renamed(work, draft, key, new_name, automation_rules)}
    edited = draft.edited.get(key)
    if edited is not None:
        bodies[key] = None
    if edited is not None and edited.origin is None:
        bodies[new_key] = {part: each for part, each in (bodies[new_key] or {}).items() if part not in _KEPT_OF_A_NAME}
    return keep(work, user, draft, _label(key, new_name), bodies)


def _renamed(
    work: UnitOfWork, draft: Draft, path: str, new_name: str, automation_rules: AutomationRules
) -> dict[str, Body]:
    if not re.fullmatch(API_NAME, new_name):
        raise _refused(NO_API_NAME)
    try:
        after = rename(work, draft.package, path, new_name, automation_rules)
    except Invalid as refusal:
        raise _refused(refusal.problems[0].message if refusal.problems else refusal.message) from refusal
    return {f"{kind}/{each.name}": each.canonical() for kind, each in after.definitions()}


def _label(path: str, new_name: str) -> str:
    return f"Rename {path.rpartition('/')[2]} to {new_name}"


def _refused(said: str) -> Invalid:
    return Invalid("It was not renamed.", [Problem("name", said)])
