"""Who asks, and for what: 300,000 deals of forty people in eight teams and twenty territories, and a person for each
kind of scope.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
from sqlalchemy import select

from benchmarks.generate import PEOPLE, TEAMS, People, Sizes
from benchmarks.generate import Generator as Records
from crm_app.automation.checks import check
from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.runtime.data_dir import CHECKOUT
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services.accounts import add_user
from crm_app.services.definitions import publish
from crm_app.services.prepare import mark_prepared, prepare_workspace
from crm_app.services.teams import ensure_team, join_team, save_team
from crm_app.services.territories import save_territory, set_members
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.storage.system_tables import UserRow, table_of

TERRITORIES = 20
_DEAL = CHECKOUT / "schemas/packages/sales/objects/deal.json"
_PLACED = (
    "UPDATE data.deal SET region = (%(places)s::uuid[])[1 + ('x' || right(id::text, 4))::bit(16)::int %% %(count)s]"
)


@dataclass(frozen=True)
class Asker:
    """`grants` are what the role says of deals."""

    name: str
    grants: tuple[Mapping[str, object], ...]
    territories: int = 0
    lowered: Mapping[str, str] = field(default_factory=dict[str, str])


def _reads(scope: str, **more: object) -> Mapping[str, object]:
    return {"objects": ["deal"], "actions": ["read"], "scope": scope, **more}


ASKERS = (
    Asker("everything", (_reads("all"),)),
    Asker("own", (_reads("own"),)),
    Asker("team", (_reads("team"),)),
    Asker("team_below", (_reads("team_below"),)),
    Asker("territory", (_reads("territory"),), territories=3),
    Asker("rule", (_reads("rule:amount < 50000 USD or owner = me"),)),
    Asker("hop", (_reads("rule:company.employees < 2000"),)),
    Asker("restriction", (_reads("all"), _reads("rule:stage != 'lost'", effect="restrict"))),
    Asker("closed", (_reads("all"),), lowered={"amount": "mask", "lost_reason": "none"}),
)


def filled(server: EmbeddedPostgres, sizes: Sizes) -> tuple[Workspace, dict[str, UserActor]]:
    """Made on the first run; the same people and records again on every other."""
    workspace = Workspace.open(server.url, pool_size=2)
    if prepare_workspace(workspace, (check,), owner=server.owner_url).is_new:
        with workspace.work(SystemActor("benchmark")) as work:
            _publish(work)
            people = _people(work)
        with psycopg.connect(server.url, options="-c synchronous_commit=off") as connection:
            Records(connection, sizes, people).run()
        _placed(workspace, server)
        mark_prepared(workspace, "the benchmark of access")
    with workspace.work(SystemActor("benchmark")) as work:
        return workspace, {asker.name: UserActor(_named(work, asker.name)) for asker in ASKERS}


def _publish(work: UnitOfWork) -> None:
    deal = json.loads(_DEAL.read_text())
    deal["fields"].append({"name": "region", "label": "Region", "type": "territory"})
    deal["access"] = {"territory": "region"}
    roles = {f"roles/bench_{asker.name}.json": _role(asker) for asker in ASKERS}
    publish(work, load_package({"objects": {"objects/deal.json": deal}, "roles": roles}))


def _role(asker: Asker) -> dict[str, object]:
    named = {"name": f"bench_{asker.name}", "label": f"Benchmark: {asker.name}"}
    others = {"objects": ["company", "contact", "product"], "actions": ["read"]}
    levels = [{"object": "deal", "field": name, "level": level} for name, level in asker.lowered.items()]
    return {"format_version": 1, **named, "grants": [*asker.grants, others], "field_levels": levels}


def _people(work: UnitOfWork) -> People:
    """Askers are in the first team; who asks for the teams below manages two of them."""
    teams = [ensure_team(work, f"Team {number}") for number in range(TEAMS)]
    reps = [
        add_user(work, f"Rep {number}", f"rep{number}@example.com", roles=["sales_rep"]) for number in range(PEOPLE)
    ]
    for number, rep in enumerate(reps):
        join_team(work, teams[number % TEAMS], rep)
    asking = {a.name: add_user(work, a.name, _email(a.name), roles=[f"bench_{a.name}"]) for a in ASKERS}
    for user in asking.values():
        join_team(work, teams[0], user)
    for number in (1, 2):
        manager, members = asking["team_below"], reps[number::TEAMS]
        save_team(work, teams[number], f"Team {number}", manager=manager, parent=None, members=members)
    return People(reps[0], [*reps, asking["own"]])


def _placed(workspace: Workspace, server: EmbeddedPostgres) -> None:
    with workspace.work(SystemActor("benchmark")) as work:
        places = [save_territory(work, f"Territory {number}") for number in range(TERRITORIES)]
        for asker in ASKERS:
            for place in places[: asker.territories]:
                set_members(work, place, {_named(work, asker.name)})
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(_PLACED, {"places": places, "count": TERRITORIES})
        connection.execute("VACUUM FULL ANALYZE data.deal")


def _email(name: str) -> str:
    return f"{name}@example.com"


def _named(work: UnitOfWork, name: str) -> UUID:
    users = table_of(UserRow)
    return work.connection.execute(select(users.c.id).where(users.c.email == _email(name))).scalar_one()
