"""The page of connections: what its form holds, and saving it."""

from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.kernel.ids import parse_id
from crm_app.services.mail_sending import send_again
from crm_app.services.mails import requeue
from crm_app.ui.door import DOOR, enter
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.settings.connections_data import (
    PARTS,
    ConnectionLine,
    ConnectionsData,
    Filled,
    UnsentLine,
    connections_data,
    empty_form,
    filled_form,
    removed,
    saved,
)
from crm_app.ui.shell_state import complaint, focus, notice, set_title, visit


class ConnectionsPage(rx.State):
    lines: rx.Field[list[ConnectionLine]] = rx.field(default_factory=list)
    refused: rx.Field[list[str]] = rx.field(default_factory=list)
    unsent: rx.Field[list[UnsentLine]] = rx.field(default_factory=list)
    form: Filled = empty_form("http")
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    is_loaded: bool = False
    turn: int = 0

    @rx.event
    async def open(self) -> None:
        data = await visit(self, connections_data)
        if data:
            self._show(data)
            self.form, self.is_loaded = empty_form("http"), True
            await set_title(self, "Connections")

    @rx.event
    async def choose(self, kind: str, name: str) -> Any:
        """A new one of a kind, or one that is there."""
        wanted, called = str(kind), str(name)
        form, said = await attempt(self, lambda work: filled_form(work, called) if called else empty_form(wanted))
        if form is None:
            return said
        self.form, self.errors, self.turn = form, {}, self.turn + 1
        return focus("connection-name" if form["is_new"] else "connection-secret")

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        """A mistake is told at its input; what was typed stays."""
        kind = self.form["kind"]
        given = {**form, "name": form.get("name") if self.form["is_new"] else self.form["name"]}
        try:
            data = await enter(self, lambda work: saved(work, kind, given))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.errors = {problem.path: problem.message for problem in refusal.problems if problem.path in PARTS}
            first = next((part for part in PARTS if part in self.errors), "")
            return focus(f"connection-{first}") if first else complaint(sentence(refusal))
        self._show(data)
        self.form, self.turn = empty_form(kind), self.turn + 1
        return notice(f"The connection {given['name']} was saved.")

    @rx.event
    async def remove(self, name: str) -> Any:
        called = str(name)
        data, said = await attempt(self, lambda work: removed(work, called))
        if data is not None:
            self._show(data)
        return said

    @rx.event
    async def send_again(self, mail: str) -> Any:
        """A mail that the mail server did not take, once more and now."""
        identifier = parse_id(str(mail))
        if identifier is None:
            return complaint("There is no such mail.")
        _, refused = await attempt(self, lambda work: requeue(work, identifier) or True)
        if refused is not None:
            return refused
        said = await rx.run_in_thread(lambda: send_again(DOOR.workspace(), identifier))
        self._show(await enter(self, connections_data))
        return complaint(said) if said else notice("The mail is sent.")

    def _show(self, data: ConnectionsData) -> None:
        self.lines, self.refused, self.unsent, self.errors = data.lines, data.refused, data.unsent, {}
