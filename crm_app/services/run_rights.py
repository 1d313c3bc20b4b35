"""Who may look at runs and act on them: whoever may administer automations. What they do is audited."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from crm_app.kernel import clock
from crm_app.kernel.errors import Forbidden
from crm_app.kernel.ids import new_id
from crm_app.services.drafts import may_administer
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import AuditRow, UserRow, table_of

MAX_PEOPLE = 500
_USERS = table_of(UserRow)


def require_runs(work: UnitOfWork) -> None:
    if not may_administer(work):
        raise Forbidden("Only an administrator can see and change the runs of automations.")


def audit_of_runs(work: UnitOfWork, name: str, said: Mapping[str, Any]) -> None:
    entry = {
        "id": new_id(),
        "at": clock.now(),
        "name": name,
        "object": "automation",
        "record": None,
        "version": 0,
        "actor": work.actor_body(),
        "changes": {key: [None, value] for key, value in said.items()},
    }
    work.connection.execute(insert(table_of(AuditRow)), entry)


def people_to_act_as(work: UnitOfWork) -> list[tuple[UUID, str]]:
    """Active people, by name: whom a run can be given to."""
    require_runs(work)
    rows = work.connection.execute(select(_USERS.c.id, _USERS.c.name).where(_USERS.c.is_active).order_by(_USERS.c.name))
    return [(row.id, row.name) for row in rows.fetchmany(MAX_PEOPLE)]
