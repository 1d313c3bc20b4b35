from dataclasses import dataclass
from typing import TypedDict

from crm_app.kernel.times import day_text, moment_text, on_clock
from crm_app.services.api_keys import KeySummary, list_keys
from crm_app.services.in_person import is_administrator
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.inputs import Choice

_STATES = {"live": ("Live", "green"), "expired": ("Expired", "gray"), "revoked": ("Revoked", "red")}


class KeyLine(TypedDict):
    key: str
    name: str
    label: str
    owner: str
    rights: str
    until: str
    used: str
    state: str
    css: str
    can_end: bool


@dataclass(frozen=True)
class KeysData:
    """`others` are the keys of everybody else, for an administrator."""

    email: str
    own: list[KeyLine]
    others: list[KeyLine]
    roles: list[Choice]


def keys_data(work: UnitOfWork) -> KeysData:
    zone, me = work.who.time_zone, work.who.user_id
    found = sorted(list_keys(work), key=lambda each: each.created_at, reverse=True)
    labels = {role.name: role.label for role in work.catalog.roles}
    return KeysData(
        email=work.who.email,
        own=[_line(each, zone, labels) for each in found if each.user == me],
        others=[_line(each, zone, labels) for each in found if each.user != me] if is_administrator(work) else [],
        roles=[
            Choice(value=role, label=labels.get(role, role), id=f"key-role-{role}", is_chosen=True)
            for role in work.who.roles
        ],
    )


def _line(key: KeySummary, zone: str, labels: dict[str, str]) -> KeyLine:
    state, color = _STATES[key.state]
    roles = ", ".join(labels.get(role, role) for role in key.roles or ())
    scopes = ", ".join(key.scopes or ())
    rights = "; ".join(part for part in (roles, scopes) if part)
    return KeyLine(
        key=key.prefix,
        name=f"trl_{key.prefix}_…",
        label=key.label,
        owner=key.email,
        rights=rights or "All that its person may do",
        until=day_text(on_clock(key.expires_at, zone).date()) if key.expires_at else "Until it is revoked",
        used=moment_text(key.last_used_at, zone) if key.last_used_at else "Never",
        state=state,
        css=f"badge badge-{color}",
        can_end=key.state == "live",
    )
