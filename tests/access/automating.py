"""What automations read, tell and change when somebody's rights are behind them."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sqlalchemy import select

from crm_app.automation.compiled import compile_automation
from crm_app.automation.execution import ENGINE, execute_step, perform
from crm_app.automation.messages import Block, RunHead, StepInput
from crm_app.automation.scope import DefinedFields
from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel import clock
from crm_app.kernel.actor import AutomationActor
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.automation_runs import NewRun, StepSeen, insert_runs
from crm_app.services.connections import save_connection
from crm_app.services.egress import EgressFailed
from crm_app.services.records import get_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.connection_tables import MailRow
from crm_app.storage.notification_table import NotificationRow
from crm_app.storage.system_tables import table_of
from tests.access.decisions import Both, Decision, outcome, ref_of
from tests.access.delegated import Delegated
from tests.access.facts import Person, Record
from tests.access.reference import MASKED
from tests.builders import Crm

TAGS = ("name", "size", "secret", "stage", "double", "company", "company.city", "company.total", "partners")
TEXT = "|".join(f"{{{{{tag}}}}}" for tag in TAGS)
SENT = ("size", "secret", "company", "company.city", "double", "partners")
STEPS: tuple[dict[str, Any], ...] = (
    {"id": "tell", "type": "notify", "to": "me", "title": "{{secret}}", "body": TEXT},
    {"id": "mail", "type": "email", "connection": "mail", "to": "'a@example.com'", "subject": "x", "body": TEXT},
    {
        "id": "post", "type": "http", "connection": "hook", "path": "{{size}}",
        "body": {path.replace(".", "_"): path for path in SENT},
    },
    {"id": "sum", "type": "aggregate", "object": "deal", "function": "sum", "field": "size"},
    {"id": "find", "type": "find", "object": "deal", "where": "stage = 'won' or stage = 'lost'"},
    {"id": "set", "type": "update", "values": {"size": "12"}},
    {"id": "make", "type": "create", "object": "note", "values": {"name": "'New'", "deal": "id"}},
)  # fmt: skip
DEFINITION = AutomationDefinition.model_validate(
    {
        "format_version": 1, "name": "teller", "label": "Teller",
        "trigger": {"type": "record.updated", "object": "deal"}, "steps": list(STEPS),
    }
)  # fmt: skip


@dataclass
class Hook:
    """A web address that keeps what it is sent."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@contextmanager
def listening() -> Iterator[Hook]:
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            hook.bodies.append({"path": self.path, **body})
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        hook.url = f"http://127.0.0.1:{server.server_port}"
        yield hook
        server.shutdown()
        thread.join()


def connect(crm: Crm, hook: Hook) -> None:
    """Nobody listens at the mail server, so a mail stays as it was written."""
    mail = {"type": "smtp", "host": "127.0.0.1", "port": 9, "security": "none", "sender": "crm@example.com"}
    with crm.work() as work:
        save_connection(work, "mail", {**mail, "allows_private": True}, None)
        save_connection(work, "hook", {"type": "http", "base_url": hook.url, "allows_private": True}, None)


@dataclass
class Automating(Both):
    hook: Hook = field(default_factory=Hook)
    version: str = ""

    def decisions(self) -> Iterator[Decision]:
        blocks, people = blocks_in(self.crm), list(self.model.world.people.values())
        for me in people:
            publisher = self.rng.choice([None, *people])
            self.model = Delegated(self.model.world, publisher=publisher)
            self.version = self.crm.vouch(f"teller of {me.name}", publisher.id if publisher else None)
            for record in self.rng.sample(list(self.model.world.records.values()), 3):
                expected = "done" if self.model.can(me, "read", record) else "absent"
                got = self._as_runner(me, lambda work, record=record: get_record(work, ref_of(record)))
                yield Decision("automation read", me, record.values["name"], expected, got)
            for deal in self.rng.sample(list(self.model.world.of("deal")), 3):
                yield from self._steps(blocks, me, deal)
                yield from self._outside(blocks, me, deal)

    def _steps(self, blocks: dict[str, Block], me: Person, deal: Record) -> Iterator[Decision]:
        model, what = self.model, deal.values["name"]
        is_seen = model.can(me, "read", deal)
        told: list[Any] = []

        got = self._as_runner(me, lambda work: told.extend(told_to(work, blocks["tell"], me, deal)))
        secret = self._said(me, deal, "secret")
        expected = [secret or "teller", self._text(me, deal)] if is_seen else "absent"
        yield Decision("merge tags", me, f"notify about {what}", expected, told or got)
        sizes = [each.values["size"] for each in model.seen(me, "deal") if each.values["size"] is not None]
        expected = (sum(sizes) if sizes else None) if model.level(me, "deal", "size") > MASKED else "invalid"
        found = self._given(me, blocks["sum"], deal, lambda output: _number(output["value"]))
        expected = expected if model.has(me, "read", "deal") else "absent"
        yield Decision("automation sum", me, what, expected, found)  # it asks nothing of the run's own record
        ids = {str(each.id) for each in model.seen(me, "deal") if each.values["stage"] in ("won", "lost")}
        expected = ids if model.level(me, "deal", "stage") > MASKED else "forbidden"
        found = self._given(me, blocks["find"], deal, lambda output: set(output["records"]))
        yield Decision("automation find", me, what, expected if is_seen else "absent", found)
        got = self._as_runner(me, lambda work: performed(work, blocks["set"], me, deal))
        yield Decision("automation write", me, what, model.change(me, deal, {"size": 12}) if is_seen else "absent", got)
        got = self._as_runner(me, lambda work: performed(work, blocks["make"], me, deal))
        expected = model.create(me, "note", {"name": "New", "deal": deal.id})
        expected = expected if model.has(me, "read", "deal") else "absent"
        yield Decision("automation create", me, what, expected, got)  # which record it is about, a run knows by itself

    def _outside(self, blocks: dict[str, Block], me: Person, deal: Record) -> Iterator[Decision]:
        """What leaves the product: through the whole of a step, commit included."""
        is_seen = self.model.can(me, "read", deal)
        self.hook.bodies.clear()
        got = outcome(lambda: self._execute(blocks["post"], me, deal))
        expected: Any = {path.replace(".", "_"): self.model.told(me, deal, path) for path in SENT}
        expected["company"] = expected["company"] and str(expected["company"])
        expected["partners"] = [str(each) for each in expected["partners"] or ()]
        expected["path"] = f"/{self._said(me, deal, 'size')}"
        for body in self.hook.bodies:
            body |= {"size": _number(body["size"]), "double": _number(body["double"])}
            body["partners"] = sorted(body["partners"] or ())
        found = self.hook.bodies[0] if got == "done" else got
        yield Decision("webhook", me, deal.values["name"], expected if is_seen else "absent", found)

        def mail() -> str:
            table = table_of(MailRow)
            with suppress(EgressFailed):
                self._execute(blocks["mail"], me, deal)
            with self.crm.work() as work:
                return work.connection.execute(select(table.c.body).order_by(table.c.id.desc()).limit(1)).scalar_one()

        bodies: list[str] = []
        got = outcome(lambda: bodies.append(mail()))
        expected = self._text(me, deal) if is_seen else "absent"
        yield Decision("merge tags", me, f"mail about {deal.values['name']}", expected, bodies[0] if bodies else got)

    def _text(self, me: Person, deal: Record) -> str:
        return "|".join(self._said(me, deal, tag) for tag in TAGS)

    def _said(self, me: Person, deal: Record, path: str) -> str:
        found = self.model.told(me, deal, path)
        if path == "stage" and found is not None:
            return str(found).capitalize()
        if path in ("company", "partners") and found is not None:
            ids = found if isinstance(found, list) else [found]
            return ", ".join(self.model.world.records[each].values["name"] for each in ids)
        return "" if found is None else str(found)

    def _given(self, me: Person, block: Block, deal: Record, picked: Callable[[dict[str, Any]], Any]) -> Any:
        found: list[Any] = []
        got = self._as_runner(me, lambda work: found.append(picked(performed(work, block, me, deal))))
        return found[0] if got == "done" else got

    def _as_runner(self, me: Person, act: Callable[[UnitOfWork], object]) -> str:
        return self.undone(me, act, AutomationActor("teller", new_id(), me.id, 0, self.version))

    def _execute(self, block: Block, me: Person, deal: Record) -> None:
        run = new_id()
        with self.crm.work(ENGINE) as work:
            given = {"before": {}, "event": "record.updated"}
            insert_runs(work, [NewRun(run, "teller", self.version, ref_of(deal), me.id, 0, given, id=run)])
        execute_step(self.crm.workspace, StepInput(_head(str(run), me, ref_of(deal), self.version), block, block.id))


def blocks_in(crm: Crm) -> dict[str, Block]:
    with crm.work() as work:
        compiled = compile_automation(DEFINITION, work.catalog, DefinedFields(work.schema))
    return {block.id: block for block in compiled.blocks}


def told_to(work: UnitOfWork, block: Block, me: Person, deal: Record) -> tuple[str, str]:
    """Title and body of the notification that the block makes."""
    performed(work, block, me, deal)
    table = table_of(NotificationRow)
    return tuple(work.connection.execute(select(table.c.title, table.c.body)).one())


def performed(work: UnitOfWork, block: Block, me: Person, deal: Record) -> dict[str, Any]:
    step = StepInput(_head(str(new_id()), me, ref_of(deal)), block, block.id)
    return perform(work, step, {"before": {}, "event": "record.updated"}, StepSeen(clock.now()))


def _head(run: str, me: Person, ref: RecordRef, version: str = "") -> RunHead:
    return RunHead(run, "teller", version, ref.object, str(ref.id), str(me.id), 0)


def _number(value: Any) -> int | None:
    return None if value is None else int(float(value))
