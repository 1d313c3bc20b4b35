"""What people read, surface by surface."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Forbidden, NotFound
from crm_app.services.exports import CsvExport, csv_stream
from crm_app.services.field_history import field_history
from crm_app.services.files import open_file
from crm_app.services.lists import aggregate_records, count_records, list_records, search_names
from crm_app.services.permissions import MASK
from crm_app.services.record_query import RecordQuery
from crm_app.services.records import get_record
from crm_app.services.timeline import RELATED_SHOWN, related_records, timeline
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.why import who_can, why_not
from tests.access.decisions import Both, Decision, outcome, outcome_of, ref_of
from tests.access.facts import FIELDS, Person, Record
from tests.access.reference import HIDDEN, MASKED
from tests.access.worlds import OBJECTS


class Reading(Both):
    def decisions(self) -> Iterator[Decision]:
        for me in self.model.world.people.values():
            with self.crm.workspace.reading(UserActor(me.id)) as work:
                for name in OBJECTS:
                    yield from self._lists(work, me, name)
                yield from self._pasts(work, me)
                yield from self._related(work, me)
                yield from self._files(me)
            for name in OBJECTS:
                yield from self._exported(me, name)
        yield from self._asked_why()

    def _lists(self, work: UnitOfWork, me: Person, name: str) -> Iterator[Decision]:
        model, records = self.model, list(self.model.world.of(name))
        seen = {record.id for record in model.seen(me, name)}
        if not model.has(me, "read", name):
            yield Decision("list", me, name, "absent", outcome(lambda: list_records(work, RecordQuery(name))))
            return
        page = {each.ref.id: each for each in list_records(work, RecordQuery(name, limit=100)).records}
        found = {each.id for each in search_names(work, name, name, 100)}
        live = work.records.existing(name, [each.id for each in records], work.reach("read", name))
        named = work.records.find_by(name, "name", [each.values["name"] for each in records], work.reach("read", name))
        matched = {each for ids in named.values() for each in ids}
        for record in records:
            for surface, ids in (("list", page), ("search", found), ("relation", live), ("import match", matched)):
                yield Decision(surface, me, record.values["name"], record.id in seen, record.id in ids)
            got = outcome(lambda record=record: get_record(work, ref_of(record)))
            yield Decision("record", me, record.values["name"], "done" if record.id in seen else "absent", got)
            got = outcome(lambda record=record: timeline(work, ref_of(record)))
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
            level = self.model.level(me, record.object, field)
            if level == HIDDEN:
                yield Decision("field", me, f"{record.values['name']}.{field}", set(), {field} & set(values))
                continue
            expected = self.model.value(me, record, field)
            expected = MASK if level == MASKED and expected is not None else expected
            yield Decision("field", me, f"{record.values['name']}.{field}", expected, values.get(field))

    def _groups(self, work: UnitOfWork, me: Person) -> Iterator[Decision]:
        model = self.model
        closed = [f for f in ("stage", "size", "company") if model.level(me, "deal", f) <= MASKED]
        for group in ("stage", "company"):
            got = outcome(lambda group=group: aggregate_records(work, RecordQuery("deal"), group, ("size",)))
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
            got = outcome(lambda rule=rule: list_records(work, RecordQuery("deal", rule=rule)))
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

    def _pasts(self, work: UnitOfWork, me: Person) -> Iterator[Decision]:
        """Of the field dialog on a record's page. From one unseen company to another is no change."""
        model = self.model
        for deal in self.rng.sample(list(model.world.of("deal")), 4):
            for name in ("size", "company"):
                expected: Any = model.past(me, deal, name)
                if expected is not None and name == "company":
                    called = [self._called(me, each) for each in expected]
                    expected = [now for now, before in zip(called, [*called, ""][1:], strict=True) if now != before]
                elif expected is not None:
                    expected = [str(each or "") for each in expected]
                try:
                    found: Any = [past.after for past in field_history(work, ref_of(deal), name)]
                except NotFound:
                    found = None
                yield Decision("past", me, f"{deal.values['name']}.{name}", expected, found)

    def _called(self, me: Person, company: UUID | None) -> str:
        found = self.model.world.records.get(company) if company else None
        return found.values["name"] if found and self.model.can(me, "read", found) else ""

    def _related(self, work: UnitOfWork, me: Person) -> Iterator[Decision]:
        """The lists on a company's page, one of them over many-to-many links."""
        for company in self.model.world.of("company"):
            if not self.model.can(me, "read", company):
                continue
            lists = {each.field.name: each for each in related_records(work, ref_of(company))}
            for name in ("company", "partners"):
                what = f"{company.values['name']}, deals by {name}"
                expected, found = self.model.linked(me, company, name), lists.get(name)
                if expected is None or found is None:
                    yield Decision("related", me, what, expected, found)
                    continue
                yield Decision("related count", me, what, len(expected), found.count.value)
                shown = {record.ref.id for record in found.records}
                yield Decision("related", me, what, min(len(expected), RELATED_SHOWN), len(shown & expected))

    def _files(self, me: Person) -> Iterator[Decision]:
        for paper in self.papers:
            deal = self.model.world.records[paper.deal]
            expected = "done" if self.model.can(me, "read", deal) else "absent"
            got = outcome(lambda paper=paper: open_file(self.crm.workspace, UserActor(me.id), paper.file))
            yield Decision("file", me, deal.values["name"], expected, got)

    def _exported(self, me: Person, name: str) -> Iterator[Decision]:
        model = self.model
        actor, asked = UserActor(me.id), CsvExport(RecordQuery(name, fields=("name",)))
        try:
            text = b"".join(csv_stream(self.crm.workspace, actor, lambda _work: asked)).decode()
        except (Forbidden, NotFound) as error:
            expected = "absent" if not model.has(me, "read", name) else "forbidden"
            allowed = model.has(me, "read", name) and model.has(me, "export", name)
            yield Decision("export", me, name, "done" if allowed else expected, outcome_of(error))
            return
        found = {UUID(line.split(",")[0]) for line in text.splitlines()[1:]}
        yield Decision("export", me, name, {r.id for r in model.seen(me, name) if model.can(me, "export", r)}, found)

    def _asked_why(self) -> Iterator[Decision]:
        people = self.model.world.people.values()
        for record in self.rng.sample(list(self.model.world.records.values()), 6):
            with self.crm.work() as work:
                for action in ("read", "edit"):
                    found = {each.id for each in who_can(work, ref_of(record), action).people}
                    for me in people:
                        expected = self.model.can(me, action, record)
                        yield Decision(f"who can {action}", me, record.values["name"], expected, me.id in found)
            me = self.rng.choice(list(people))
            if self.model.has(me, "read", record.object):
                with self.crm.workspace.reading(UserActor(me.id)) as work:
                    answer = why_not(work, ref_of(record), "delete")
                expected = self.model.can(me, "delete", record)
                yield Decision("why not", me, record.values["name"], expected, answer.allowed)
