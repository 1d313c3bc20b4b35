"""A new object in the draft: its name field, the bundles that were ticked, and the roles it is open to."""

from collections.abc import Mapping, Sequence
from functools import partial

from crm_app.definitions import edits
from crm_app.definitions.bundle import new_object
from crm_app.definitions.bundle_catalog import BUNDLES
from crm_app.kernel.errors import NotFound
from crm_app.services.draft_store import keep, locked, require_administrator, stored_body
from crm_app.services.drafts import Draft, add_to_draft, edit_draft
from crm_app.services.new_names import require_names
from crm_app.services.unit_of_work import UnitOfWork

OPENNESS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "read": ("read",),
    "work": ("read", "create", "edit", "delete"),
}


def draft_object(
    work: UnitOfWork, named: Mapping[str, str], bundles: Sequence[str] = (), roles: Mapping[str, str] | None = None
) -> Draft:
    """`named` holds name, label, plural, icon and color; `roles` says how far each is let in, by `OPENNESS`."""
    require_names({part: named.get(part, "") for part in ("label", "plural", "name")}, "The object was not added.")
    more = {part: named[part] for part in ("icon", "color") if named.get(part)}
    body = new_object(named["name"], named["label"], named["plural"], **more)
    for bundle in bundles:
        body = BUNDLES.get(bundle).apply(body)
    grants = {
        f"roles/{role}": partial(edits.grant, name=named["name"], actions=OPENNESS[openness])
        for role, openness in (roles or {}).items()
        if OPENNESS.get(openness)
    }
    return add_to_draft(work, f"Add object {named['label']}", {f"objects/{named['name']}": body}, grants)


def archive_object(work: UnitOfWork, name: str) -> Draft:
    """Hides an object with its records. One that was never published leaves the draft, and so do its grants."""
    key = f"objects/{name}"
    user, draft = require_administrator(work), locked(work)
    is_live = draft.edited[key].origin is not None if key in draft.edited else stored_body(work, key) is not None
    if is_live:
        return edit_draft(work, f"Archive object {name}", {key: lambda body: {**body, "archived": True}})
    if key not in draft.edited:
        raise NotFound(f"There is no object '{name[:50]}'.")
    closed = {
        other: edits.grant(each.body, name, ()) for other, each in draft.edited.items() if other.startswith("roles/")
    }
    return keep(work, user, draft, f"Remove object {name}", {key: None, **closed})


def restore_object(work: UnitOfWork, name: str) -> Draft:
    return edit_draft(work, f"Restore object {name}", {f"objects/{name}": lambda body: {**body, "archived": False}})


def open_to(work: UnitOfWork, name: str, roles: Mapping[str, str]) -> Draft:
    """Changes how far roles are let in to an object; what a role may do with other objects stays."""
    changed = {
        f"roles/{role}": partial(edits.grant, name=name, actions=OPENNESS.get(openness, ()))
        for role, openness in roles.items()
    }
    return edit_draft(work, f"Open {name} to roles", changed)
