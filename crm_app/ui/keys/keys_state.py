"""API keys: one's own, made, renewed and ended here; and, for an administrator, everybody's, to be ended."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services.api_keys import KeyWish, NewKey, create_key, revoke_key
from crm_app.services.key_renewal import renew_key
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.door import enter
from crm_app.ui.inputs import Choice
from crm_app.ui.keys.keys_data import KeyLine, KeysData, keys_data
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.shell_state import complaint, focus, notice, set_title, visit

_MAX_DIGITS = 4


def _wish(form: dict[str, Any], roles: Sequence[str]) -> KeyWish:
    """A key keeps all roles unless some are left out, and what it may do has to be said. What can't be read is no leave
    for more: no such number of days, and no scope.
    """
    days = str(form.get("days", "")).strip()
    chosen = [role for role in roles if form.get(f"role::{role}")]
    kind = str(form.get("kind", ""))
    listed = str(form.get("scopes", "")).replace(",", " ").split()
    return KeyWish(
        label=str(form.get("label", "")).strip(),
        days=(int(days) if days.isascii() and days.isdigit() and len(days) <= _MAX_DIGITS else 0) if days else None,
        roles=None if len(chosen) == len(roles) else chosen,
        scopes=None if kind == "all" else [kind] if kind == "*:read" else listed if kind == "own" else [],
    )


class KeysPage(rx.State):
    own: rx.Field[list[KeyLine]] = rx.field(default_factory=list)
    others: rx.Field[list[KeyLine]] = rx.field(default_factory=list)
    roles: rx.Field[list[Choice]] = rx.field(default_factory=list)
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    shown_key: str = ""
    is_loaded: bool = False
    turn: int = 0

    @rx.event
    async def open(self) -> None:
        self.shown_key = ""
        data = await visit(self, keys_data)
        if data:
            self._show(data)
            self.is_loaded = True
            await set_title(self, "API keys")

    @rx.event
    async def create(self, form: dict[str, Any]) -> Any:
        """The key is shown once, here, and kept nowhere."""

        def made(work: UnitOfWork) -> tuple[NewKey, KeysData]:
            return create_key(work, work.who.email, _wish(form, work.who.roles)), keys_data(work)

        try:
            new, data = await enter(self, made)
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.errors = {problem.path: problem.message for problem in refusal.problems}
            return None if self.errors else complaint(sentence(refusal))
        self._show(data)
        self.shown_key = new.key
        self.turn += 1
        return focus("new-key")

    @rx.event
    async def revoke(self, prefix: str) -> Any:
        def revoked(work: UnitOfWork) -> KeysData:
            revoke_key(work, str(prefix))
            return keys_data(work)

        data, refusal = await attempt(self, revoked)
        if data is None:
            return refusal
        self._show(data)
        return notice("The key is revoked.")

    @rx.event
    async def renew(self, prefix: str) -> Any:
        """The old one stays good for a day, so that nothing stops."""

        def renewed(work: UnitOfWork) -> tuple[NewKey, KeysData]:
            return renew_key(work, str(prefix)), keys_data(work)

        made, refusal = await attempt(self, renewed)
        if made is None:
            return refusal
        self._show(made[1])
        self.shown_key = made[0].key
        return focus("new-key")

    @rx.event
    def forget(self) -> None:
        """The new key is copied; it need not stand on the screen."""
        self.shown_key = ""

    def _show(self, data: KeysData) -> None:
        self.own, self.others, self.roles, self.errors = data.own, data.others, data.roles, {}
