"""What the pages of people and teams show."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from crm_app.definitions.role import ADMIN
from crm_app.kernel.errors import NotFound
from crm_app.kernel.ids import parse_id
from crm_app.kernel.times import moment_text
from crm_app.services.duties import AUTOMATIONS, PEOPLE, PUBLISHED, QUESTIONS, RUNS, TEAMS, TERRITORIES, duties
from crm_app.services.handing_over import holdings
from crm_app.services.oidc_connection import is_connected
from crm_app.services.teams import Team, list_teams
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.users import User, get_user, list_users
from crm_app.ui.address import person_path
from crm_app.ui.inputs import Choice
from crm_app.ui.people.sessions_data import SessionLine, session_lines

_DUTIES = {
    QUESTIONS: ("open question", "open questions"),
    RUNS: ("run under way", "runs under way"),
    AUTOMATIONS: ("workflow that acts as them", "workflows that act as them"),
    PUBLISHED: ("workflow that they published", "workflows that they published"),
    TEAMS: ("team to manage", "teams to manage"),
    TERRITORIES: ("territory to look after", "territories to look after"),
    PEOPLE: ("person to manage", "people to manage"),
}
_STATES = {
    "active": ("Active", "badge badge-green"),
    "invited": ("Invited", "badge badge-blue"),
    "locked out": ("Can't log in yet", "badge badge-amber"),
    "deactivated": ("Deactivated", "badge"),
}


class Picking(TypedDict):
    """An input that offers choices; `value` is the chosen one where there can be only one."""

    id: str
    name: str
    label: str
    value: str
    choices: list[Choice]


class UserLine(TypedDict):
    id: str
    name: str
    email: str
    href: str
    roles: str
    teams: str
    manager: str
    state: str
    css: str
    seen: str


@dataclass(frozen=True)
class UsersData:
    lines: list[UserLine]
    roles: Picking
    teams: Picking
    manager: Picking


@dataclass(frozen=True)
class PersonData:
    line: UserLine
    roles: Picking
    teams: Picking
    manager: Picking
    heirs: Picking
    leaving: Picking
    holdings: str
    sessions: list[SessionLine]
    is_active: bool
    is_oneself: bool
    has_factor: bool
    is_connected: bool
    version: str


class TeamLine(TypedDict):
    id: str
    name: str
    parent: str
    manager: str
    members: str


@dataclass(frozen=True)
class TeamsData:
    lines: list[TeamLine]
    chosen: str
    name: str
    parent: Picking
    manager: Picking
    members: Picking


def users_data(work: UnitOfWork, search: str = "") -> UsersData:
    found = list_users(work, search)
    everybody = found if not search else list_users(work)
    teams = list_teams(work)
    return UsersData(
        [_line(work, each) for each in found],
        roles_picking(work, "new", ()),
        _teams_picking("new", teams, ()),
        people_picking("new", "manager", "Manager", everybody, None),
    )


def person_data(work: UnitOfWork, user: UUID) -> PersonData:
    person, everybody, teams = get_user(work, user), list_users(work), list_teams(work)
    owned = holdings(work, user)
    words = [_holding_words(work, name, count) for name, count in owned.items()]
    words += [_duty_words(name, count) for name, count in duties(work, user).items()]
    others = [each for each in everybody if each.id != user]
    return PersonData(
        line=_line(work, person),
        roles=roles_picking(work, "person", person.roles),
        teams=_teams_picking("person", teams, person.teams),
        manager=people_picking("person", "manager", "Manager", others, person.manager),
        heirs=people_picking("person", "heir", "Hand it over to", others, None),
        leaving=people_picking("leaving", "heir", "Hand it over to", others, None),
        holdings=", ".join(words),
        sessions=session_lines(work, user),
        is_active=person.state != "deactivated",
        is_oneself=user == work.who.user_id,
        has_factor=person.has_second_factor,
        is_connected=is_connected(work, user),
        version=f"{user}:{sorted(person.roles)}:{sorted(map(str, person.teams))}:{person.manager}:{person.name}",
    )


def teams_data(work: UnitOfWork, chosen: UUID | None = None) -> TeamsData:
    teams, everybody = list_teams(work), list_users(work)
    names = {team.id: team.name for team in teams}
    people = {each.id: each.name for each in everybody}
    team = next((each for each in teams if each.id == chosen), None)
    parents = [(str(each.id), each.name) for each in teams if each.id != chosen]
    members: Collection[UUID] = team.members if team else ()
    return TeamsData(
        [_team_line(each, names, people) for each in teams],
        str(chosen or ""),
        team.name if team else "",
        picking("team", "parent", "Part of", parents, [str(team.parent)] if team and team.parent else []),
        people_picking("team", "manager", "Manager", everybody, team.manager if team else None),
        picking(
            *("team", "member", "Members"),
            [(str(each.id), each.name) for each in everybody if each.state != "deactivated" or each.id in members],
            [str(member) for member in members],
        ),
    )


def known_id(text: object, what: str = "person") -> UUID:
    found = parse_id(str(text))
    if found is None:
        raise NotFound(f"There is no such {what}.")
    return found


def optional_id(text: object) -> UUID | None:
    return known_id(text) if str(text or "") else None


def ticked(form: Mapping[str, Any], name: str) -> list[str]:
    """The values of the boxes that a form has ticked."""
    prefix = f"{name}::"
    return [key.removeprefix(prefix) for key, value in form.items() if key.startswith(prefix) and value]


def roles_picking(work: UnitOfWork, page: str, chosen: Iterable[str]) -> Picking:
    labels = {ADMIN: "Administrator"} | {role.name: role.label for role in work.catalog.roles}
    return picking(page, "role", "Roles", list(labels.items()), chosen)


def people_picking(page: str, name: str, label: str, people: Iterable[User], chosen: UUID | None) -> Picking:
    """Active people, and the chosen one in any case."""
    found = [(str(p.id), p.name) for p in people if p.state != "deactivated" or p.id == chosen]
    return picking(page, name, label, found, [str(chosen)] if chosen else [])


def _teams_picking(page: str, teams: Iterable[Team], chosen: Iterable[UUID]) -> Picking:
    return picking(page, "team", "Teams", [(str(t.id), t.name) for t in teams], [str(each) for each in chosen])


def picking(page: str, name: str, label: str, choices: Iterable[tuple[str, str]], chosen: Iterable[str]) -> Picking:
    wanted = list(chosen)
    return Picking(
        id=f"{page}-{name}",
        name=name,
        label=label,
        value=wanted[0] if wanted else "",
        choices=[
            Choice(value=value, label=text, id=f"{page}-{name}-{value}", is_chosen=value in wanted)
            for value, text in choices
        ],
    )


def _line(work: UnitOfWork, each: User) -> UserLine:
    labels = {ADMIN: "Administrator"} | {role.name: role.label for role in work.catalog.roles}
    state, css = _STATES[each.state]
    return UserLine(
        id=str(each.id),
        name=each.name,
        email=each.email,
        href=person_path(each.id),
        roles=", ".join(labels.get(role, role) for role in each.roles),
        teams=", ".join(each.teams.values()),
        manager=each.manager_name,
        state=state,
        css=css,
        seen=moment_text(each.last_seen, work.who.time_zone) if each.last_seen else "",
    )


def _holding_words(work: UnitOfWork, name: str, count: int) -> str:
    definition = work.definition(name)
    return f"{count:,} {(definition.label if count == 1 else definition.plural).lower()}"


def _duty_words(name: str, count: int) -> str:
    one, many = _DUTIES[name]
    return f"{count:,} {one if count == 1 else many}"


def _team_line(team: Team, names: Mapping[UUID, str], people: Mapping[UUID, str]) -> TeamLine:
    return TeamLine(
        id=str(team.id),
        name=team.name,
        parent=names.get(team.parent, "") if team.parent else "",
        manager=people.get(team.manager, "") if team.manager else "",
        members=", ".join(team.members.values()),
    )
