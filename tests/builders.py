"""What tests say the product in: a workspace with a small business in it, and people who act."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel import clock
from crm_app.kernel.actor import Actor, SystemActor, UserActor
from crm_app.kernel.events import RecordRef
from crm_app.kernel.settings import SecretKeys
from crm_app.services.accounts import add_member, add_team, add_user
from crm_app.services.definitions import publish
from crm_app.services.lists import count_records, list_records
from crm_app.services.prepare import prepare_workspace
from crm_app.services.record_query import Record, RecordQuery
from crm_app.services.records import create_record, delete_record, get_record, update_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.storage.secret_box import new_key
from crm_app.storage.system_tables import DefinitionVersionRow, table_of

STAGES = ("prospecting", "engaging", "won", "lost")
SYSTEM = SystemActor("test")
KEYS = SecretKeys(Path("/nowhere"), new_key())


def select_field(name: str, options: tuple[str, ...]) -> dict[str, Any]:
    named = [{"name": option, "label": option.capitalize()} for option in options]
    return {"name": name, "label": name.capitalize(), "type": "select", "config": {"options": named}}


def field(name: str, type_name: str = "text", **more: Any) -> dict[str, Any]:
    return {"name": name, "label": name.replace("_", " ").capitalize(), "type": type_name, **more}


def object_body(name: str, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"name": name, "label": name.capitalize(), "plural": f"{name.capitalize()}s", "name_field": "name"}
    return {"format_version": 2, **body, "fields": [field("name", required=True), *fields], **more}


def layout(*fields: str, name: str = "main", **more: Any) -> dict[str, Any]:
    """A layout of one tab with one section."""
    tab = {"label": "Details", "sections": [{"label": "Main", "fields": list(fields)}], "related": ["*"]}
    return {"name": name, "label": name.capitalize(), "tabs": [tab], **more}


def role_body(name: str, *grants: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"format_version": 1, "name": name, "label": name.capitalize(), "grants": list(grants), **more}


def small_business() -> Package:
    """Companies and deals; reps see their team's deals, managers those of the teams they manage."""
    company = object_body("company", field("city"), field("parent", "relation", config={"object": "company"}))
    deal = object_body(
        "deal",
        select_field("stage", STAGES),
        field("amount", "currency"),
        field("company", "relation", config={"object": "company"}),
        field("close_date", "date"),
        field("secret", "text"),
        pipelines=[
            {
                "name": "sales",
                "label": "Sales",
                "field": "stage",
                "amount": "amount",
                "stages": [
                    {"name": "prospecting"},
                    {"name": "engaging"},
                    {"name": "won", "kind": "won", "probability": 100},
                    {"name": "lost", "kind": "lost"},
                ],
            }
        ],
    )
    everything = ["read", "create", "edit", "delete"]
    open_company = {"objects": ["company"], "actions": everything}
    roles = [
        role_body(
            "rep",
            open_company,
            {"objects": ["deal"], "actions": everything, "scope": "team"},
            field_levels=[{"object": "deal", "field": "secret", "level": "none"}],
        ),
        role_body(
            "manager",
            open_company,
            {"objects": ["deal"], "actions": [*everything, "transfer"], "scope": "team_below"},
        ),
    ]
    return load_package(
        {
            "objects": {f"objects/{body['name']}.json": body for body in (company, deal)},
            "roles": {f"roles/{body['name']}.json": body for body in roles},
        }
    )


class Crm:
    """A workspace on a fresh database."""

    def __init__(self, database_url: str, package: Package | None = None) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="trellis-files-")
        self.files = Path(self.folder.name)
        self.workspace = Workspace.open(database_url, pool_size=4, files=self.files, keys=KEYS)
        prepare_workspace(self.workspace, package="")
        self.publish(package or small_business())
        self._teams: dict[str, UUID] = {}

    def close(self) -> None:
        self.workspace.close()
        self.folder.cleanup()

    def publish(self, package: Package) -> None:
        with self.workspace.work(SYSTEM) as work:
            publish(work, package)

    def vouch(self, version: str, publisher: UUID | None = None) -> str:
        """A version of an automation that this person, or else the product, has published; what it does is not said."""
        row: dict[str, Any] = {"hash": version, "kind": "automations", "name": version, "schema_version": 0, "body": {}}
        row |= {"published_at": clock.now(), "publisher": publisher}
        with self.workspace.work(SYSTEM) as work:
            made = insert(table_of(DefinitionVersionRow)).values(row)
            work.connection.execute(made.on_conflict_do_update(index_elements=["hash"], set_={"publisher": publisher}))
        return version

    def team(self, name: str) -> UUID:
        if name not in self._teams:
            with self.workspace.work(SYSTEM) as work:
                self._teams[name] = add_team(work, name)
        return self._teams[name]

    def user(self, name: str, role: str = "rep", team: str = "", **more: Any) -> UserActor:
        team_id = self.team(team) if team else None
        with self.workspace.work(SYSTEM) as work:
            user_id = add_user(work, name, f"{name.lower()}@example.com", roles=[role], **more)
            if team_id:
                add_member(work, team_id, user_id)
        return UserActor(user_id)

    @contextmanager
    def work(self, actor: Actor = SYSTEM) -> Iterator[UnitOfWork]:
        with self.workspace.work(actor) as work:
            yield work

    def create(self, name: str, actor: Actor = SYSTEM, /, **values: Any) -> Record:
        with self.workspace.work(actor) as work:
            return create_record(work, name, values)

    def get(self, ref: RecordRef, actor: Actor = SYSTEM, **more: Any) -> Record:
        with self.workspace.work(actor) as work:
            return get_record(work, ref, **more)

    def update(
        self, ref: RecordRef, values: Mapping[str, Any], actor: Actor = SYSTEM, version: int | None = None
    ) -> Record:
        with self.workspace.work(actor) as work:
            return update_record(work, ref, values, version)

    def delete(self, ref: RecordRef, actor: Actor = SYSTEM) -> None:
        with self.workspace.work(actor) as work:
            delete_record(work, ref)

    def names(self, query: RecordQuery, actor: Actor = SYSTEM) -> list[str]:
        with self.workspace.work(actor) as work:
            return [record.name for record in list_records(work, query).records]

    def count(self, query: RecordQuery, actor: Actor = SYSTEM) -> int:
        with self.workspace.work(actor) as work:
            return count_records(work, query).value
