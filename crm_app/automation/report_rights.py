"""Which rights the steps need, and who would lack them: a run acts with the rights of its record's owner."""

from collections import defaultdict
from collections.abc import Callable, Iterator

from crm_app.automation.report_findings import Finding, Looked, Reached, listed
from crm_app.services.role_rights import Rights, RoleRights


def right_findings(looked: Looked) -> Iterator[Finding]:
    """Only roles that see the records which start it can own one. Bad where none of them can run it to its end."""
    rights = RoleRights(looked.scene.package)
    about = looked.scene.definition.trigger.object
    owners = [role for role in rights.roles if rights.on(role, about).allows("read")]
    lacking: dict[str, list[str]] = defaultdict(list)
    certain: set[str] = set()
    for role in owners:
        for each in looked.steps:
            for said in _lacks(looked, each, rights, role):
                lacking[role].append(said)
                certain |= {role} if each.is_certain else set()
    publisher = [said for each in looked.steps for said in _publisher_lacks(looked, each)]
    if not lacking and not publisher:
        yield Finding("rights", "Rights of its runner", "good", (_all_may(rights, owners),))
        return
    lines = [f"{rights.roles[role]} lacks: {listed(said)}." for role, said in lacking.items()]
    lines += [f"You lack: {listed(publisher)}."] if publisher else []
    is_hopeless = bool(owners) and certain == set(owners)
    if is_hopeless:
        lines.append("Nobody but an administrator could own a record and have it run to its end.")
    yield Finding("rights", "Rights that its runner lacks", "bad" if is_hopeless else "note", tuple(lines))


def _all_may(rights: RoleRights, owners: list[str]) -> str:
    roles = listed(rights.roles[role] for role in owners)
    return f"Owners in these roles may do every step: {roles}." if roles else "Only administrators can own its records."


def _lacks(looked: Looked, each: Reached, rights: RoleRights, role: str) -> Iterator[str]:
    yield from _missing(looked, each, lambda name: rights.on(role, name))


def _publisher_lacks(looked: Looked, each: Reached) -> Iterator[str]:
    yield from _missing(looked, each, looked.scene.work.access)


def _missing(looked: Looked, each: Reached, access: Callable[[str], Rights]) -> Iterator[str]:
    for need in each.needs:
        if not access(need.object).allows(need.action):
            yield f"{need.action} on {looked.label(need.object)} (step {each.title})"
    for name, field in each.place.written.values():
        if field in access(name).read_only:
            yield f"edit of {looked.label(name)}: {looked.field_label(name, field)} (step {each.title})"
