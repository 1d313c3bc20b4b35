"""What the product decides, surface by surface, beside what the reference model says of the same."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from crm_app.kernel.actor import AutomationActor, UserActor
from crm_app.kernel.errors import Forbidden, Invalid, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.rules.errors import RuleError
from crm_app.services.bulk_edit import Chosen, edit_records
from crm_app.services.exports import CsvExport, csv_stream
from crm_app.services.files import open_file
from crm_app.services.lists import aggregate_records, count_records, list_records, search_names
from crm_app.services.permissions import MASK
from crm_app.services.record_query import RecordQuery
from crm_app.services.records import delete_record, get_record, update_record
from crm_app.services.timeline import timeline
from crm_app.services.trash import deleted_records, restore_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.why import who_can, why_not
from tests.access.reference import EDITABLE, FIELDS, HIDDEN, MASKED, Model, Person, Record
from tests.access.worlds import OBJECTS, STAGES, Paper
from tests.builders import Crm

RELATIONS = {("deal", "company"), ("note", "deal")}


@dataclass(frozen=True)
class Decision:
    surface: str
    who: Person
    what: str
    expected: Any
    found: Any


class _Undo(Exception):
    pass


@dataclass
class Surfaces:
    crm: Crm
    model: Model
    papers: list[Paper]
    rng: Random

    def all(self) -> Iterator[Decision]:
        for me in self.model.world.people.values():
            with self.crm.workspace.reading(UserActor(me.id)) as work:
                for name in OBJECTS:
                    yield from self._lists(work, me, name)
                yield from self._files(me)
            for name in OBJECTS:
                yield from self._exported(me, name)
                yield from self._written(me, name)
            yield from self._by_automations(me)
        yield from self._asked_why()
        yield from self._trash()

    def _lists(self, work: UnitOfWork, me: Person, name: str) -> Iterator[Decision]:
        model, records = self.model, list(self.model.world.of(name))
        seen = {record.id for record in model.seen(me, name)}
        if not model.has(me, "read", name):
            yield Decision("list", me, name, "absent", _outcome(lambda: list_records(work, RecordQuery(name))))
            return
        page = {each.ref.id: each for each in list_records(work, RecordQuery(name, limit=100)).records}
        found = {each.id for each in search_names(work, name, name, 100)}
        live = work.records.existing(name, [each.id for each in records], work.reach("read", name))
        named = work.records.find_by(name, "name", [each.values["name"] for each in records], work.reach("read", name))
        matched = {each for ids in named.values() for each in ids}
        for record in records:
            for surface, ids in (("list", page), ("search", found), ("relation", live), ("import match", matched)):
                yield Decision(surface, me, record.values["name"], record.id in seen, record.id in ids)
            got = _outcome(lambda record=record: get_record(work, _ref(record)))
            yield Decision("record", me, record.values["name"], "done" if record.id in seen else "absent", got)
            got = _outcome(lambda record=record: timeline(work, _ref(record)))
            yield Decision("history", me, record.values["name"], "done" if record.id in seen else "absent", got)
            if record.id in page:
                yield from self._values(me, record, page[record.id].values)
        yield Decision("count", me, name, len(seen), count_records(work, RecordQuery(name)).value)
        editable = {record.id for record in records if record.id in seen and model.can(me, "edit", record)}
        yield Decision("buttons", me, name, editable, work.among("edit", name, seen))
        if name == "deal":
            yield from self._groups(work, me)

    def _values(self, me: Person, record: Record, values: Any) -> Iterator[Decision]:
        for field in FIELDS[record.object]:
            level, expected = self.model.level(me, record.object, field), record.values.get(field)
            if (record.object, field) in RELATIONS:
                expected = self.model.pointed(me, record, field)
            elif field == "double":
                expected = None if record.values["size"] is None else record.values["size"] * 2
            elif field == "total":
                expected = self.model.total(me, record)
            if level == HIDDEN:
                yield Decision("field", me, f"{record.values['name']}.{field}", set(), {field} & set(values))
                continue
            expected = MASK if level == MASKED and expected is not None else expected
            yield Decision("field", me, f"{record.values['name']}.{field}", expected, values.get(field))

    def _groups(self, work: UnitOfWork, me: Person) -> Iterator[Decision]:
        model = self.model
        closed = [f for f in ("stage", "size", "company") if model.level(me, "deal", f) <= MASKED]
        for group in ("stage", "company"):
            got = _outcome(lambda group=group: aggregate_records(work, RecordQuery("deal"), group, ("size",)))
            if {group, "size"} & set(closed):
                yield Decision("group", me, group, "invalid", got)
                continue
            expected: dict[Any, list[int]] = {}
            for deal in model.seen(me, "deal"):
                key = model.pointed(me, deal, group) if group == "company" else deal.values[group]
                sums = expected.setdefault(key, [0, 0])
                sums[0] += 1
                sums[1] += deal.values["size"] or 0
            found = {
                each.key: [each.count, each.sums.get("size", {}).get("", 0)]
                for each in aggregate_records(work, RecordQuery("deal"), group, ("size",))
            }
            yield Decision("group", me, group, expected, found)
        hop = model.has(me, "read", "company") and model.level(me, "company", "city") > MASKED
        for rule, needs in (("size > 5", "size"), ("company.city = 'Oslo'", "company"), ("stage = 'won'", "stage")):
            got = _outcome(lambda rule=rule: list_records(work, RecordQuery("deal", rule=rule)))
            is_open = needs not in closed and (needs != "company" or hop)
            yield Decision("filter", me, rule, "done" if is_open else "invalid", got)
        if "company" not in closed and hop:
            rule = RecordQuery("deal", rule="company.city = 'Oslo'", limit=100)
            found = {each.ref.id for each in list_records(work, rule).records}
            in_oslo = {
                deal.id
                for deal in model.seen(me, "deal")
                if (at := model.pointed(me, deal, "company")) and model.world.records[at].values["city"] == "Oslo"
            }
            yield Decision("hop", me, "Oslo", in_oslo, found)

    def _files(self, me: Person) -> Iterator[Decision]:
        for paper in self.papers:
            deal = self.model.world.records[paper.deal]
            expected = "done" if self.model.can(me, "read", deal) else "absent"
            got = _outcome(lambda paper=paper: open_file(self.crm.workspace, UserActor(me.id), paper.file))
            yield Decision("file", me, deal.values["name"], expected, got)

    def _exported(self, me: Person, name: str) -> Iterator[Decision]:
        model = self.model
        actor, asked = UserActor(me.id), CsvExport(RecordQuery(name, fields=("name",)))
        try:
            text = b"".join(csv_stream(self.crm.workspace, actor, lambda _work: asked)).decode()
        except (Forbidden, NotFound) as error:
            expected = "absent" if not model.has(me, "read", name) else "forbidden"
            allowed = model.has(me, "read", name) and model.has(me, "export", name)
            yield Decision("export", me, name, "done" if allowed else expected, _name(error))
            return
        found = {UUID(line.split(",")[0]) for line in text.splitlines()[1:]}
        yield Decision("export", me, name, {r.id for r in model.seen(me, name) if model.can(me, "export", r)}, found)

    def _written(self, me: Person, name: str) -> Iterator[Decision]:
        model = self.model
        for record in model.world.of(name):
            changes = self._change(record)
            raw = {key: None if value is None else str(value) for key, value in changes.items()}
            got = self._undone(me, lambda work, record=record, raw=raw: update_record(work, _ref(record), raw))
            expected = model.change(me, record, changes) if model.has(me, "read", name) else "absent"
            yield Decision("edit", me, f"{record.values['name']} {changes}", expected, got)
            if name == "note":
                got = self._undone(me, lambda work, record=record: delete_record(work, _ref(record)))
                expected = "done" if model.can(me, "delete", record) else "forbidden"
                expected = expected if model.can(me, "read", record) else "absent"
                yield Decision("delete", me, record.values["name"], expected, got)
        if name == "deal" and model.has(me, "read", name):
            yield from self._bulk(me)

    def _bulk(self, me: Person) -> Iterator[Decision]:
        model, deals = self.model, list(self.model.world.of("deal"))
        done: set[UUID] = set()

        def change(work: UnitOfWork) -> None:
            report = edit_records(work, "deal", [Chosen(deal.id) for deal in deals], {"size": "12"})
            done.update(report.done)

        got = self._undone(me, change)
        if not (model.has(me, "bulk", "deal") and model.has(me, "edit", "deal")):
            yield Decision("bulk", me, "deal", "forbidden", got)
        elif model.level(me, "deal", "size") < EDITABLE:
            yield Decision("bulk", me, "deal", "invalid", got)
        else:
            changed = {deal.id for deal in deals if model.can(me, "bulk", deal)}
            changed = {each for each in changed if model.change(me, model.world.records[each], {"size": 12}) == "done"}
            for deal in deals:
                yield Decision("bulk", me, deal.values["name"], deal.id in changed, deal.id in done)

    def _change(self, record: Record) -> dict[str, Any]:
        owner = {"owner": self.rng.choice(list(self.model.world.people))}
        own: dict[str, Any] = {"city": self.rng.choice(["Oslo", "Rome"])}
        if record.object == "deal":
            region = self.rng.choice(list(self.model.world.territories))
            choices = [{"size": self.rng.choice([1, 12])}, {"stage": self.rng.choice(STAGES)}, {"region": region}]
            own = self.rng.choice(choices)
        elif record.object == "note":
            own = {"name": "Another"}
        return self.rng.choice([owner, own, own])

    def _by_automations(self, me: Person) -> Iterator[Decision]:
        for record in self.rng.sample(list(self.model.world.records.values()), 5):
            with self.crm.work(AutomationActor("test", new_id(), me.id, 0)) as work:
                got = _outcome(lambda record=record, work=work: get_record(work, _ref(record)))
            expected = "done" if self.model.can(me, "read", record) else "absent"
            yield Decision("automation", me, record.values["name"], expected, got)

    def _asked_why(self) -> Iterator[Decision]:
        people = self.model.world.people.values()
        for record in self.rng.sample(list(self.model.world.records.values()), 6):
            with self.crm.work() as work:
                for action in ("read", "edit"):
                    found = {each.id for each in who_can(work, _ref(record), action)}
                    for me in people:
                        expected = self.model.can(me, action, record)
                        yield Decision(f"who can {action}", me, record.values["name"], expected, me.id in found)
            me = self.rng.choice(list(people))
            if self.model.has(me, "read", record.object):
                with self.crm.workspace.reading(UserActor(me.id)) as work:
                    answer = why_not(work, _ref(record), "delete")
                expected = self.model.can(me, "delete", record)
                yield Decision("why not", me, record.values["name"], expected, answer.allowed)

    def _trash(self) -> Iterator[Decision]:
        """At last, because what is gone is gone for everybody."""
        model, notes = self.model, list(self.model.world.of("note"))[:3]
        with self.crm.work() as work:
            for note in notes:
                delete_record(work, _ref(note))
                del model.world.records[note.id]
        for me in model.world.people.values():
            if not model.has(me, "read", "note"):
                continue
            with self.crm.workspace.reading(UserActor(me.id)) as work:
                try:
                    found: Any = {each.ref.id for each in deleted_records(work, "note")}
                except Forbidden:
                    found = "forbidden"
            allowed = {note.id for note in notes if model.can(me, "delete", note)}
            yield Decision("trash", me, "note", allowed if model.has(me, "delete", "note") else "forbidden", found)
            for note in notes:
                got = self._undone(me, lambda work, note=note: restore_record(work, _ref(note)))
                expected = "done" if note.id in allowed else "absent"
                expected = expected if model.has(me, "delete", "note") else "forbidden"
                yield Decision("restore", me, note.values["name"], expected, got)

    def _undone(self, me: Person, act: Callable[[UnitOfWork], object]) -> str:
        found = ""
        with suppress(_Undo), self.crm.workspace.work(UserActor(me.id)) as work:
            found = _outcome(lambda: act(work))
            raise _Undo
        return found


def _ref(record: Record) -> RecordRef:
    return RecordRef(record.object, record.id)


def _outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except (NotFound, Forbidden, Invalid, RuleError) as error:
        return _name(error)
    return "done"


def _name(error: Exception) -> str:
    names = ((NotFound, "absent"), (Forbidden, "forbidden"))
    return next((name for kind, name in names if type(error) is kind), "invalid")
