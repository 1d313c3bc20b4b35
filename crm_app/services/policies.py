"""The policy as it is stored, as it would be, and who is left to administer under it."""

from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Connection, func, select

from crm_app.access.policy import Policy
from crm_app.definitions.package import Package
from crm_app.definitions.role import RoleDefinition
from crm_app.kernel.errors import Conflict
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.live import POLICIES
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import PolicyRow, UserRoleRow, UserRow, table_of

Line = tuple[str, ...]
EVERYTHING = "*"


class NobodyLeftToAdminister(Conflict):
    """The last active person who may administer the workspace would lose that. Nothing was changed."""

    code = "nobody_left_to_administer"


def stored_lines(connection: Connection) -> list[Line]:
    policy = table_of(PolicyRow)
    return [tuple(line) for (line,) in connection.execute(select(policy.c.line).order_by(policy.c.id))]


def lines_with(connection: Connection, package: Package) -> list[Line]:
    """What is stored, with what the package's roles would write instead."""
    defined = {role.name for role in package.roles}
    kept = [line for line in stored_lines(connection) if line[1] not in defined]
    return [*kept, *(line for role in package.roles for line in role.policy_lines())]


def compiled(lines: Iterable[Line]) -> Policy:
    return Policy(_model(), lines)


def effective_scopes(work: UnitOfWork, role: RoleDefinition) -> Callable[[str], Mapping[str, Collection[str]]]:
    """By object and action, what whoever has just this role is granted if it were live like this."""
    policy = compiled(lines_with(work.connection, Package(roles=(role,))))
    return lambda name: policy.of((role.name,), name).scopes


@lru_cache(maxsize=1)
def _model() -> str:
    return (POLICIES / "model.conf").read_text()


def role_sets(connection: Connection) -> Counter[tuple[str, ...]]:
    """How many active people have just these roles."""
    own, user = table_of(UserRoleRow), table_of(UserRow)
    active = select(user.c.id).where(user.c.is_active)
    each = select(func.array_agg(own.c.role)).where(own.c.user.in_(active)).group_by(own.c.user)
    return Counter(tuple(sorted(roles)) for (roles,) in connection.execute(each))


@contextmanager
def keeping_an_administrator(connection: Connection) -> Generator[None]:
    """Around a change of policies, or of who has which: the last way to administer stays open. The change has bumped
    the access version by then, so two changes at once take turns and the second one sees the first.
    """
    had = _administrators(connection)
    yield
    if had and not _administrators(connection):
        raise NobodyLeftToAdminister("Nobody could administer the workspace any more. Give somebody else that first.")


def has_administrator(connection: Connection) -> bool:
    """Whether any active person may administer the workspace."""
    return _administrators(connection) > 0


def _administrators(connection: Connection) -> int:
    policy = compiled(stored_lines(connection))
    found = role_sets(connection).items()
    return sum(number for roles, number in found if policy.of(roles, EVERYTHING).allows("administer"))


def write_policy_changes(work: UnitOfWork, before: Package, after: Package, version: int, reason: str) -> None:
    """An entry for each role that says something else now: the lines that went and those that came."""
    had, has = ({role.name: set(role.policy_lines()) for role in package.roles} for package in (before, after))
    for name in sorted(had.keys() | has.keys()):
        old, new = had.get(name, set()), has.get(name, set())
        gone, come = ([", ".join(line) for line in sorted(lines)] for lines in (old - new, new - old))
        if gone or come:
            said = Entry("policy.changed", "role", None, {name: come}, {name: gone}, reason, version)
            write_entry(work, said)
