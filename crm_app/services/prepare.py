"""Sets a database up: the system's tables, the workspace's one row, the default roles, and the first package."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update

from crm_app.definitions.check import Check
from crm_app.services.definition_store import write_policy
from crm_app.services.live import POLICIES
from crm_app.services.packages import install_package, shipped_package
from crm_app.services.workspace import Workspace
from crm_app.storage.engine import open_engine, transaction, upkeep
from crm_app.storage.migrate import migrate
from crm_app.storage.rights import give_rights
from crm_app.storage.system_tables import WorkspaceRow, table_of

FIRST_PACKAGE = "sales"


@dataclass(frozen=True)
class Prepared:
    """`is_new`: no earlier call was followed by `mark_prepared`, so what a new workspace holds is still to come. `kept`
    says where an administrator's changes stand against what the package now brings.
    """

    is_new: bool
    kept: Sequence[str] = ()


def prepare_workspace(
    workspace: Workspace, more_checks: Sequence[Check] = (), *, package: str = FIRST_PACKAGE, owner: str = ""
) -> Prepared:
    """Safe to repeat: a second call finds everything done, or upgrades what is older. `owner` is the address of the
    role to which the system's tables belong, where that is another one than the workspace's own.
    """
    set_up(workspace, owner)
    with transaction(workspace.engine) as connection:
        table = table_of(WorkspaceRow)
        prepared_by = connection.execute(select(table.c.prepared_by)).scalar_one_or_none()
        if prepared_by is None:
            row: dict[str, Any] = {"id": 1, "name": "Trellis", "time_zone": "UTC", "currency": "USD"}
            connection.execute(insert(table), {**row, "schema_version": 0, "access_version": 0})
            for role, lines in default_policy().items():
                write_policy(connection, role, lines)
    kept: Sequence[str] = ()
    if package:
        kept = install_package(workspace, shipped_package(package), tuple(more_checks)).kept
    return Prepared(not prepared_by, kept)


def set_up(workspace: Workspace, owner: str = "") -> None:
    """The system's tables in their current shape, and the rights to them."""
    if not owner:
        with upkeep(workspace.engine) as connection:
            migrate(connection)
        return
    with transaction(workspace.engine) as connection:
        role: str = connection.execute(select(func.current_user())).scalar_one()
    engine = open_engine(owner, pool_size=1)
    try:
        with upkeep(engine) as connection:
            migrate(connection)
            give_rights(connection, role)
    finally:
        engine.dispose()


def mark_prepared(workspace: Workspace, by: str) -> None:
    """The last step of a first start or an upgrade. A start that was killed before it does everything again."""
    with transaction(workspace.engine) as connection:
        connection.execute(update(table_of(WorkspaceRow)).values(prepared_by=by))


def default_policy() -> dict[str, list[tuple[str, ...]]]:
    """The lines of `policies/roles.csv` by role."""
    lines: dict[str, list[tuple[str, ...]]] = {}
    for raw in (POLICIES / "roles.csv").read_text().splitlines():
        if raw.strip() and not raw.startswith("#"):
            line = tuple(part.strip() for part in raw.split(","))
            lines.setdefault(line[1], []).append(line)
    return lines
