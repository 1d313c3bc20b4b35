"""All roles, as their list shows them."""

from typing import TypedDict

from crm_app.definitions.role import ADMIN
from crm_app.services.broken_policies import broken_lines
from crm_app.services.difference_words import people_words
from crm_app.services.role_people import holders
from crm_app.services.roles import Role, all_roles
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import ROLES
from crm_app.ui.roles.role_data import KIND_WORDS, state_of


class RoleLine(TypedDict):
    name: str
    label: str
    note: str
    kind: str
    inherits: str
    people: str
    state: str
    href: str


class BrokenRole(TypedDict):
    """A line of the role that says nothing any more."""

    sentence: str
    href: str


def role_lines(work: UnitOfWork) -> tuple[list[RoleLine], list[RoleLine], list[BrokenRole]]:
    """Live ones, after the one that every workspace has; archived ones; what of all is broken."""
    found = all_roles(work)
    labels = {role.now.name: role.now.label for role in found}
    number = len([each for each in holders(work, ADMIN) if each.is_active])
    own = RoleLine(
        name=ADMIN, label="Administrator", note="May do everything; every workspace has it.", kind=KIND_WORDS["role"],
        inherits="", people=people_words(number), state="", href=f"{ROLES}/{ADMIN}",
    )  # fmt: skip
    lines = [(role.now.archived, _line(role, labels)) for role in found]
    broken = [BrokenRole(sentence=each.sentence, href=f"{ROLES}/{each.role}") for each in broken_lines(work)]
    live, gone = ([line for archived, line in lines if archived is wanted] for wanted in (False, True))
    return [own, *live], gone, broken


def _line(role: Role, labels: dict[str, str]) -> RoleLine:
    return RoleLine(
        name=role.now.name,
        label=role.now.label,
        note=role.now.description,
        kind=KIND_WORDS[role.now.kind],
        inherits=", ".join(labels.get(parent, parent) for parent in role.now.inherits),
        people=people_words(role.people),
        state=state_of(role),
        href=f"{ROLES}/{role.now.name}",
    )
