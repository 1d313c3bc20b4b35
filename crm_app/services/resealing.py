"""Sealing all stored secrets anew, with the newest key."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select, update

from crm_app.kernel.settings import SecretKeys
from crm_app.services import connections, second_factors, webhooks
from crm_app.services.accounts import require_administrator
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.oidc_settings import NAME, PURPOSE
from crm_app.services.sign_in_settings import keep_setting, setting
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.account_tables import SecondFactorRow
from crm_app.storage.connection_tables import ConnectionRow
from crm_app.storage.notification_table import WebhookRow
from crm_app.storage.secret_box import keep_first_key, put_key_in_front
from crm_app.storage.system_tables import table_of

_CONNECTIONS, _FACTORS, _WEBHOOKS = table_of(ConnectionRow), table_of(SecondFactorRow), table_of(WebhookRow)


class _Place(NamedTuple):
    """`owner` tells whose secret it is, and so the purpose that it is sealed for."""

    name: str
    owner: ColumnElement[Any]
    sealed: ColumnElement[Any]
    purpose: Callable[[Any], str]


_PLACES = (
    _Place("connections", _CONNECTIONS.c.name, _CONNECTIONS.c.secret, connections.purpose_of),
    _Place("second_factors", _FACTORS.c.user, _FACTORS.c.sealed, second_factors.purpose_of),
    _Place("webhooks", _WEBHOOKS.c.automation, _WEBHOOKS.c.secret, webhooks.purpose_of),
)


def begin_new_key(keys: SecretKeys) -> None:
    """What is sealed from now on is sealed with it, in every process that reads the same file."""
    put_key_in_front(keys.file)


def forget_older_keys(keys: SecretKeys) -> int:
    """How many there were. Only after `reseal` has found nothing that needs them."""
    return keep_first_key(keys.file)


def reseal(work: UnitOfWork) -> Mapping[str, int]:
    """How many of each kind were sealed with an older key. One that can't be opened stops all: nothing is changed."""
    require_administrator(work)
    counts = {place.name: _resealed(work, place) for place in _PLACES}
    counts["sign_in"] = _resealed_sign_in(work)
    write_entry(work, Entry("secrets.resealed", "workspace", after=counts))
    return counts


def _resealed(work: UnitOfWork, place: _Place) -> int:
    box, count = work.tools.secrets, 0
    held = select(place.owner, place.sealed).where(place.sealed != "").order_by(place.owner).with_for_update()
    for owner, sealed in work.connection.execute(held).all():
        if not box.is_current(sealed):
            anew = box.seal(box.open(sealed, place.purpose(owner)), place.purpose(owner))
            changed = update(place.owner.table).where(place.owner == owner).values({place.sealed: anew})
            work.connection.execute(changed)
            count += 1
    return count


def _resealed_sign_in(work: UnitOfWork) -> int:
    box, body = work.tools.secrets, setting(work.connection, NAME)
    sealed = body.get("sealed_secret", "")
    if not sealed or box.is_current(sealed):
        return 0
    keep_setting(work.connection, NAME, {**body, "sealed_secret": box.seal(box.open(sealed, PURPOSE), PURPOSE)})
    return 1
