"""Who may look at runs and act on them: whoever may administer automations. What they do is audited."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.in_person import require_administrator
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import UserRow, table_of

MAX_PEOPLE = 500
_USERS = table_of(UserRow)


def require_runs(work: UnitOfWork) -> None:
    require_administrator(work, "see and change the runs of workflows")


def audit_of_runs(work: UnitOfWork, name: str, said: Mapping[str, Any]) -> None:
    write_entry(work, Entry(name, "automation", after=said))


def people_to_act_as(work: UnitOfWork) -> list[tuple[UUID, str]]:
    """Active people, by name: whom a run can be given to."""
    require_runs(work)
    rows = work.connection.execute(select(_USERS.c.id, _USERS.c.name).where(_USERS.c.is_active).order_by(_USERS.c.name))
    return [(row.id, row.name) for row in rows.fetchmany(MAX_PEOPLE)]
