from collections.abc import Iterator

from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem


def check(package: Package) -> Iterator[Problem]:
    """Roles inherit from roles that exist and grant objects and fields that exist."""
    known = {role.name for role in package.roles}
    for role in package.roles:
        for parent in role.inherits:
            if parent not in known:
                yield Problem(f"roles/{role.name}/inherits", f"There is no role '{parent}'.")
        for name in (name for grant in role.grants for name in grant.objects):
            if name != "*" and name not in package.by_name:
                yield Problem(f"roles/{role.name}/grants", f"There is no object '{name}'.")
        for level in role.field_levels:
            definition = package.by_name.get(level.object)
            if definition is None or level.field not in definition.all_fields:
                yield Problem(f"roles/{role.name}/field_levels", f"There is no field '{level.object}.{level.field}'.")
