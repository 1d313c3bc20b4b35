"""Which rights the steps need, and who would lack them: a run acts with the rights of its record's owner, or of the
one person that the automation names, as far as whoever publishes it has them too.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from crm_app.automation.report_findings import Finding, Looked, Reached, listed
from crm_app.automation.runners import OWNER
from crm_app.definitions.role import ADMIN
from crm_app.services.role_rights import Rights

RIGHTS = "rights"


def right_findings(looked: Looked) -> Iterator[Finding]:
    """Only roles that see the records which start it can own one. Bad where none of them can run it to its end."""
    if looked.definition.run_as != OWNER:
        yield _of_person(looked, looked.definition.run_as)
        return
    lacking, certain = lacking_roles(looked), _certain(looked)
    publisher = _publisher_lacks(looked)
    if not lacking and not publisher:
        yield Finding(RIGHTS, "Rights of its runner", "good", (_all_may(looked),))
        return
    lines = [f"{looked.around.rights.roles[role]} lacks: {listed(said)}." for role, said in lacking.items()]
    lines += [f"You lack: {listed(publisher)}."] if publisher else []
    is_hopeless = bool(_owners(looked)) and all(role in certain for role in _owners(looked))
    if is_hopeless:
        lines.append("Nobody but an administrator could own a record and have it run to its end.")
    yield Finding(RIGHTS, "Rights that its runner lacks", "bad" if is_hopeless else "note", tuple(lines))


def lacking_roles(looked: Looked) -> Mapping[str, list[str]]:
    """By role, what owners of records lack who have it and no other; nothing where a person is named to act."""
    found: dict[str, list[str]] = defaultdict(list)
    for role in _owners(looked) if looked.definition.run_as == OWNER else []:
        for each in looked.steps:
            found[role] += _missing(looked, each, lambda name, role=role: looked.around.rights.on(role, name))
    return {role: said for role, said in found.items() if said}


def _certain(looked: Looked) -> set[str]:
    """The roles whose owners lack what every run needs."""
    rights = looked.around.rights
    always = [each for each in looked.steps if each.is_certain]
    return {
        role
        for role in _owners(looked)
        if any(next(_missing(looked, each, lambda name, role=role: rights.on(role, name)), "") for each in always)
    }


def _owners(looked: Looked) -> list[str]:
    rights, about = looked.around.rights, looked.definition.trigger.object
    return [role for role in rights.roles if rights.on(role, about).allows("read")]


def _of_person(looked: Looked, email: str) -> Finding:
    asking = looked.around.asking
    roles = asking.roles_of(email) if asking else ()
    publisher = [f"You lack: {listed(found)}."] if (found := _publisher_lacks(looked)) else []
    if ADMIN in roles and not publisher:
        return Finding(RIGHTS, "Rights of its runner", "good", (f"{email} is an administrator and may do every step.",))
    if not roles:
        said = f"{email} has no active account with a role: every run would fail."
        return Finding(RIGHTS, "Rights that its runner lacks", "note", (said, *publisher))
    rights = looked.around.rights
    steps = looked.steps if ADMIN not in roles else ()
    missing = {each.path: list(_missing(looked, each, lambda name: rights.of(roles, name))) for each in steps}
    lacks = [said for found in missing.values() for said in found]
    is_hopeless = any(missing[each.path] for each in steps if each.is_certain)
    lines = [f"{email} lacks: {listed(lacks)}."] if lacks else []
    lines += publisher
    if not lines:
        return Finding(RIGHTS, "Rights of its runner", "good", (f"{email} may do every step.",))
    return Finding(RIGHTS, "Rights that its runner lacks", "bad" if is_hopeless else "note", tuple(lines))


def _all_may(looked: Looked) -> str:
    roles = listed(looked.around.rights.roles[role] for role in _owners(looked))
    return f"Owners in these roles may do every step: {roles}." if roles else "Only administrators can own its records."


def _publisher_lacks(looked: Looked) -> list[str]:
    asking = looked.around.asking
    return [said for each in looked.steps for said in _missing(looked, each, asking.access)] if asking else []


def _missing(looked: Looked, each: Reached, access: Callable[[str], Rights]) -> Iterator[str]:
    around = looked.around
    for need in each.needs:
        if not access(need.object).allows(need.action):
            yield f"{need.action} on {around.label(need.object)} (step {each.title})"
    for name, field in each.place.written.values():
        if field in access(name).read_only:
            yield f"edit of {around.label(name)}: {around.field_label(name, field)} (step {each.title})"
