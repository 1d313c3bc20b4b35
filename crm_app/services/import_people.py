"""Lines that are people: accounts without a password, their managers, and the teams they belong to."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from crm_app.definitions.mapping import PLACEHOLDER, People
from crm_app.kernel.errors import Invalid
from crm_app.services.accounts import add_user, find_user
from crm_app.services.import_keys import fingerprint, known_keys, remember, renew
from crm_app.services.import_lines import Cells, filled
from crm_app.services.import_report import FileReport
from crm_app.services.teams import ensure_team, join_team, set_manager
from crm_app.services.unit_of_work import UnitOfWork

USER_OBJECT = "user"
_NOT_IN_ADDRESS = re.compile(r"[^a-z0-9@-]+")


@dataclass(frozen=True)
class Facts:
    """What one line says of a person."""

    name: str
    email: str
    manager: str
    manager_email: str
    team: str
    parent_team: str


def address(template: str, cells: Cells) -> str:
    """What a column gives is written as an address needs it: `José Núñez` becomes `jose.nunez`."""
    return PLACEHOLDER.sub(lambda found: _address_part(cells[found[1]]), template)


def _address_part(text: str) -> str:
    if "@" in text:
        return text.strip().lower()
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return _NOT_IN_ADDRESS.sub(".", plain).strip(".")


def import_people(
    work: UnitOfWork, people: People, source: str, lines: Iterator[tuple[int, str, Cells]], report: FileReport
) -> None:
    """Lines are number, key and cleaned cells. Unchanged ones change nothing, whatever was done here meanwhile."""
    for number, key, cells in lines:
        facts = _facts(people, cells)
        mark = fingerprint({**vars(facts), "roles": people.roles})
        known = known_keys(work.connection, source, [key]).get(key)
        if known is not None and known.fingerprint == mark:
            report.counts["unchanged"] += 1
            continue
        try:
            user = _bring(work, people, facts)
        except Invalid as refusal:
            report.refused(number, "; ".join(problem.message for problem in refusal.problems) or refusal.message)
            continue
        if known is None:
            remember(work.connection, source, USER_OBJECT, [(key, user, mark)])
        else:
            renew(work.connection, source, [(key, mark)])
        report.counts["updated" if known else "created"] += 1


def _facts(people: People, cells: Cells) -> Facts:
    return Facts(
        name=filled(people.name, cells),
        email=address(people.email, cells),
        manager=filled(people.manager, cells),
        manager_email=address(people.manager_email, cells),
        team=filled(people.team, cells),
        parent_team=filled(people.parent_team, cells),
    )


def _bring(work: UnitOfWork, people: People, facts: Facts) -> UUID:
    """The person, under their manager and in the manager's team."""
    user = find_user(work, facts.email) or add_user(work, facts.name, facts.email, roles=people.roles)
    manager = _manager(work, people, facts)
    if manager != user:
        set_manager(work, user, manager)
    if facts.team:
        parent = ensure_team(work, facts.parent_team) if facts.parent_team else None
        team = ensure_team(work, facts.team, manager=manager, parent=parent)
        join_team(work, team, user)
        if manager:
            join_team(work, team, manager)
    return user


def _manager(work: UnitOfWork, people: People, facts: Facts) -> UUID | None:
    if not facts.manager:
        return None
    found = find_user(work, facts.manager_email)
    return found or add_user(work, facts.manager, facts.manager_email, roles=people.manager_roles)
