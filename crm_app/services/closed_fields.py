"""Nobody learns from a formula or rollup what they may not see of the fields that it is worked out from."""

from collections.abc import Callable
from dataclasses import replace

from crm_app.access.policy import ObjectAccess
from crm_app.rules.errors import RuleError
from crm_app.services.live import Schema

Stated = Callable[[str], ObjectAccess]


def without_unreadable(schema: Schema, name: str, stated: Stated) -> ObjectAccess:
    """A computed field is hidden from whoever can't read all the fields that it depends on, through others too."""
    found = stated(name)
    definition = schema.package.by_name.get(name)
    computed = definition.computed_fields if definition else ()
    hidden = frozenset(field.name for field in computed if not _is_readable(schema, name, field.name, stated))
    return replace(found, hidden=found.hidden | hidden, masked=found.masked - hidden) if hidden else found


def _is_readable(schema: Schema, name: str, field: str, stated: Stated) -> bool:
    try:
        computed = schema.field_infos[name][field].computed
    except RuleError:
        return True
    for owner, each in computed.reads if computed else ():
        access = stated(owner)
        if not access.allows("read") or each in access.hidden | access.masked:
            return False
    return True
