"""What each role of a set of definitions may do, for whoever plans what people of that role will set off."""

from collections.abc import Mapping, Sequence

from crm_app.access.policy import ObjectAccess, Policy
from crm_app.definitions.package import Package
from crm_app.services.live import POLICIES

Rights = ObjectAccess


class RoleRights:
    """`roles` are labels by name; an administrator's may everything and is not among them."""

    def __init__(self, package: Package) -> None:
        live = package.live
        self.roles: Mapping[str, str] = {role.name: role.label for role in live.roles}
        lines = [line for role in live.roles for line in role.policy_lines()]
        self._policy = Policy((POLICIES / "model.conf").read_text(), lines)

    def on(self, role: str, name: str) -> ObjectAccess:
        return self.of((role,), name)

    def of(self, roles: Sequence[str], name: str) -> ObjectAccess:
        """Of somebody who has all of them."""
        return self._policy.of(tuple(sorted(roles)), name)
