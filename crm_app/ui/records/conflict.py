"""Two people changed one record: what to ask, and what to save after the answer."""

from collections.abc import Mapping
from typing import Any

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.field_type import FieldValueError
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.clashes import Clash, keep_name
from crm_app.ui.records.reference_names import name_of_id
from crm_app.ui.records.values import value_text

NOTHING = "empty"


def clashes(work: UnitOfWork, name: str, differing: Mapping[str, Any]) -> list[Clash]:
    """From the details of a stale version. A field that only one of the two changed is no question."""
    fields = work.definition(name).all_fields
    return [
        Clash(
            field=key,
            label=fields[key].label,
            yours=_text(work, fields[key], sides["yours"]),
            theirs=_text(work, fields[key], sides["theirs"]),
            original=_text(work, fields[key], sides["original"]),
        )
        for key, sides in differing.items()
        if key in fields and len({repr(sides[side]) for side in ("yours", "theirs", "original")}) > 1
        if sides["yours"] not in (sides["theirs"], sides["original"]) and sides["theirs"] != sides["original"]
    ]


def merged(raw: Mapping[str, Any], differing: Mapping[str, Any], keep: Mapping[str, Any]) -> dict[str, Any]:
    """Mine where I changed something and did not give way; `keep` holds "theirs" for fields where I did."""
    return {
        name: value
        for name, value in raw.items()
        if keep.get(keep_name(name)) != "theirs"
        and not (name in differing and differing[name]["yours"] == differing[name]["original"])
    }


def _text(work: UnitOfWork, field: FieldDefinition, dumped: Any) -> str:
    if dumped is None:
        return NOTHING
    if field.targets:
        return name_of_id(work, field, dumped) or NOTHING
    try:
        return value_text(field, field.parse(dumped), work.who.time_zone)
    except FieldValueError:
        return str(dumped)
