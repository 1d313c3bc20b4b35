"""Whether the connections that automations name are there. They are no definitions, so a package may come before them;
but what somebody draws here is published only with them.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import select

from crm_app.definitions.automation import CONNECTED, AutomationDefinition, steps_within
from crm_app.kernel.errors import Problem
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.connection_tables import ConnectionRow
from crm_app.storage.system_tables import table_of

_ROWS = table_of(ConnectionRow)
_KINDS = {"http": "a web address", "smtp": "a mail server", "imap": "a mailbox"}


def connection_problems(work: UnitOfWork, automations: Iterable[AutomationDefinition]) -> list[Problem]:
    """Of those that are live: each step or trigger that names no connection, or one of another type."""
    wanted = [each for automation in automations if automation.is_active for each in _named(automation)]
    if not wanted:
        return []
    rows = work.connection.execute(select(_ROWS.c.name, _ROWS.c.type))
    known: dict[str, str] = {row.name: row.type for row in rows}
    return [Problem(path, said) for path, name, kind in wanted if (said := _wrong(known, name, kind))]


def _named(automation: AutomationDefinition) -> Iterator[tuple[str, str, str]]:
    """The path, the name of the connection, and the type that it has to have."""
    at, trigger = f"automations/{automation.name}", automation.trigger
    if trigger.type in CONNECTED:
        yield f"{at}/trigger/connection", str(trigger.config.get("connection", "")), CONNECTED[trigger.type]
    for place, step in steps_within(automation.steps_json):
        if step["type"] in CONNECTED:
            path = f"{at}/steps/{place.removeprefix('/')}/connection"
            yield path, str(step.get("connection", "")), CONNECTED[step["type"]]


def _wrong(known: dict[str, str], name: str, kind: str) -> str:
    if name not in known:
        return f"There is no connection '{name[:50]}'. Make it in the settings, or choose another."
    if known[name] != kind:
        return f"The connection '{name[:50]}' is one to {_KINDS[known[name]]}; this takes one to {_KINDS[kind]}."
    return ""
