"""What somebody is there for beside the records that they own, and giving it to somebody else: questions that wait for
them, runs and automations that act as them, automations they published, the teams, the
territories and the people that they look after.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, func, or_, select, update

from crm_app.definitions.automation import AutomationDefinition
from crm_app.definitions.check import Check
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Invalid
from crm_app.services.account_audit import audit_account
from crm_app.services.accounts import require_administrator
from crm_app.services.definitions import How, publish
from crm_app.services.publishers import stands_behind, take_over
from crm_app.services.run_actions import reassign_run
from crm_app.services.teams import require_no_circle
from crm_app.services.territories import set_members, territories
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.users import User, get_user
from crm_app.storage.access_tables import TerritoryMemberRow
from crm_app.storage.run_tables import RunRow
from crm_app.storage.system_tables import TeamRow, UserRow, table_of
from crm_app.storage.wait_tables import RunAssigneeRow, RunWaitRow

QUESTIONS, RUNS, AUTOMATIONS, TEAMS, PEOPLE = "questions", "runs", "automations", "teams", "people"
PUBLISHED, TERRITORIES = "published", "territories"
_OPEN = ("pending", "started")
_RUNS, _USERS, _TEAMS = table_of(RunRow), table_of(UserRow), table_of(TeamRow)
_PLACES = table_of(TerritoryMemberRow)
_ASKED, _WAITS = table_of(RunAssigneeRow), table_of(RunWaitRow)


def duties(work: UnitOfWork, user: UUID) -> Mapping[str, int]:
    """How many of each kind, where any."""
    require_administrator(work)
    counts = {
        QUESTIONS: _count(work, _ASKED, _asks(user)),
        RUNS: _count(work, _RUNS, _acts(user)),
        AUTOMATIONS: len(_automations(work, get_user(work, user).email)),
        PUBLISHED: len(stands_behind(work, user)),
        TEAMS: _count(work, _TEAMS, _TEAMS.c.manager == user),
        TERRITORIES: _count(work, _PLACES, _PLACES.c.user == user),
        PEOPLE: _count(work, _USERS, (_USERS.c.manager == user) & _USERS.c.is_active),
    }
    return {name: count for name, count in counts.items() if count}


def hand_over_duties(work: UnitOfWork, user: UUID, to: UUID, more_checks: Sequence[Check]) -> tuple[str, ...]:
    """Why something stays, where it does. What an automation does from then on is in its own next version; whoever
    hands over stands behind what the person had published.
    """
    require_administrator(work)
    person, heir = get_user(work, user), get_user(work, to)
    before = duties(work, user)
    if not before:
        return ()
    _hand_over_questions(work, user, to)
    take_over(work, user)
    for run in work.connection.execute(select(_RUNS.c.id).where(_acts(user))).scalars().all():
        reassign_run(work, run, to)
    _hand_over_teams(work, user, to)
    _hand_over_territories(work, user, to)
    reasons = tuple(_hand_over_people(work, person, heir))
    automations = _automations(work, person.email)
    audit_account(work, "user.handed_over", user, {"duties": (dict(before), {"to": heir.email})})
    if automations:
        renamed = tuple(each.model_copy(update={"run_as": heir.email}) for each in automations)
        note = f"Handed over from {person.name} to {heir.name}."
        publish(work, Package(automations=renamed), tuple(more_checks), How(note=note))
    return reasons


def _hand_over_questions(work: UnitOfWork, user: UUID, to: UUID) -> None:
    """Who was asked stays to be seen; the other one answers in their place."""
    mine = work.connection.execute(select(_ASKED.c.run, _ASKED.c.path, _ASKED.c.user).where(_asks(user))).all()
    for row in mine:
        this = (_ASKED.c.run == row.run) & (_ASKED.c.path == row.path) & (_ASKED.c.user == row.user)
        delegate = None if row.user == to else to
        work.connection.execute(update(_ASKED).where(this).values(delegate=delegate))


def _hand_over_teams(work: UnitOfWork, user: UUID, to: UUID) -> None:
    led = select(_TEAMS.c.id, _TEAMS.c.name).where(_TEAMS.c.manager == user)
    for team in work.connection.execute(led).all():
        work.connection.execute(update(_TEAMS).where(_TEAMS.c.id == team.id).values(manager=to))
        audit_account(work, "team.changed", team.id, {"manager": (str(user), str(to))}, "team")


def _hand_over_territories(work: UnitOfWork, user: UUID, to: UUID) -> None:
    for each in territories(work):
        if user in each.members:
            set_members(work, each.id, {*each.members, to} - {user})


def _hand_over_people(work: UnitOfWork, person: User, heir: User) -> list[str]:
    """Whoever takes over moves up; somebody above them can't come below them."""
    reasons: list[str] = []
    managed = select(_USERS.c.id, _USERS.c.name).where(_USERS.c.manager == person.id).order_by(_USERS.c.id != heir.id)
    for each in work.connection.execute(managed).all():
        above = person.manager if each.id == heir.id else heir.id
        try:
            require_no_circle(work, _USERS, _USERS.c.manager, each.id, above, "manager")
        except Invalid:
            reasons.append(f"{each.name} stays: {heir.name} stands below them.")
            continue
        work.connection.execute(update(_USERS).where(_USERS.c.id == each.id).values(manager=above))
        audit_account(work, "user.changed", each.id, {"manager": (str(person.id), str(above) if above else None)})
    return reasons


def _automations(work: UnitOfWork, email: str) -> list[AutomationDefinition]:
    return [each for each in work.catalog.automations if each.run_as.lower() == email.lower()]


def _asks(user: UUID) -> ColumnElement[bool]:
    """Answers that are still to be given, by this person or in somebody's place."""
    same = (_WAITS.c.run == _ASKED.c.run) & (_WAITS.c.path == _ASKED.c.path)
    is_open = (_WAITS.c.state == "open") & _RUNS.c.status.in_(_OPEN)
    waits = select(_WAITS.c.run).join(_RUNS, _RUNS.c.id == _WAITS.c.run).where(same, is_open)
    is_theirs = or_(_ASKED.c.delegate == user, (_ASKED.c.user == user) & _ASKED.c.delegate.is_(None))
    return is_theirs & (_ASKED.c.said == "") & waits.exists()


def _acts(user: UUID) -> ColumnElement[bool]:
    return (_RUNS.c.runner == user) & _RUNS.c.status.in_(_OPEN)


def _count(work: UnitOfWork, table: Table, which: ColumnElement[bool]) -> int:
    found: Any = work.connection.execute(select(func.count()).select_from(table).where(which)).scalar_one()
    return int(found)
