from collections.abc import Iterator

from crm_app.definitions.package import Package
from crm_app.definitions.role import ADMIN
from crm_app.kernel.errors import Problem


def check(package: Package) -> Iterator[Problem]:
    """Roles inherit in no circle, permission sets neither inherit nor are inherited, and nobody redefines `admin`."""
    parents = {role.name: role.inherits for role in package.roles}
    sets = {role.name for role in package.roles if role.kind == "permission_set"}
    for role in package.roles:
        path = f"roles/{role.name}"
        if role.name == ADMIN:
            yield Problem(f"{path}/name", f"'{ADMIN}' is the role that every workspace has. Choose another name.")
        if role.name in sets and role.inherits:
            yield Problem(f"{path}/inherits", "A permission set inherits nothing: it is given besides a role.")
        for parent in role.inherits:
            if parent in sets:
                said = f"'{parent}' is a permission set. Give it to people besides their role."
                yield Problem(f"{path}/inherits", said)
        if circle := _circle(role.name, parents):
            yield Problem(f"{path}/inherits", f"{' → '.join(circle)} is a circle. Take one of them out.")


def _circle(role: str, parents: dict[str, tuple[str, ...]]) -> list[str]:
    """The way from the role back to itself, if there is one."""
    waiting, seen = [[role]], {role}
    while waiting:
        way = waiting.pop()
        for parent in parents.get(way[-1], ()):
            if parent == role:
                return [*way, role]
            if parent not in seen:
                seen.add(parent)
                waiting.append([*way, parent])
    return []
