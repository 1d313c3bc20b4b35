"""What people change, each in a transaction that is taken back."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Forbidden
from crm_app.services.bulk_edit import Chosen, edit_records
from crm_app.services.linking import link_here, unlink_here
from crm_app.services.records import create_record, delete_record, update_record
from crm_app.services.shares import share_record, shares_of
from crm_app.services.trash import deleted_records, restore_record
from crm_app.services.unit_of_work import UnitOfWork
from tests.access.building import raw
from tests.access.decisions import Both, Decision, outcome, ref_of
from tests.access.facts import Person, Record, Values
from tests.access.reference import EDITABLE
from tests.access.worlds import OBJECTS, STAGES


class Writing(Both):
    def decisions(self) -> Iterator[Decision]:
        for me in self.model.world.people.values():
            for name in OBJECTS:
                yield from self._written(me, name)
                yield from self._created(me, name)
            yield from self._moved(me)
            yield from self._linked(me)
            yield from self._shared(me)
        yield from self._trash()

    def _written(self, me: Person, name: str) -> Iterator[Decision]:
        model = self.model
        for record in model.world.of(name):
            changes = self._change(record)
            said = {key: raw({}, value) for key, value in changes.items()}
            got = self.undone(me, lambda work, record=record, said=said: update_record(work, ref_of(record), said))
            expected = model.change(me, record, changes) if model.has(me, "read", name) else "absent"
            yield Decision("edit", me, f"{record.values['name']} {changes}", expected, got)
            if name == "note":
                got = self.undone(me, lambda work, record=record: delete_record(work, ref_of(record)))
                expected = "done" if model.can(me, "delete", record) else "forbidden"
                expected = expected if model.can(me, "read", record) else "absent"
                yield Decision("delete", me, record.values["name"], expected, got)
        if name == "deal" and model.has(me, "read", name):
            yield from self._bulk(me)

    def _created(self, me: Person, name: str) -> Iterator[Decision]:
        for _ in range(4):
            values: Values = {"name": "New", **self._change(Record(name, me.id, {}))}
            if name == "deal" and self.rng.random() < 0.5:
                values["region"] = self.rng.choice([None, *self.model.world.territories])
            said = {key: raw({}, value) for key, value in values.items()}
            got = self.undone(me, lambda work, said=said: create_record(work, name, said))
            yield Decision("create", me, f"{name} {values}", self.model.create(me, name, values), got)

    def _moved(self, me: Person) -> Iterator[Decision]:
        """Through the gates of the pipeline."""
        for deal in self.model.world.of("deal"):
            stage = self.rng.choice([None, *STAGES])
            got = self.undone(me, lambda work, deal=deal, to=stage: update_record(work, ref_of(deal), {"stage": to}))
            expected = self.model.change(me, deal, {"stage": stage}) if self.model.has(me, "read", "deal") else "absent"
            what = f"{deal.values['name']} from {deal.values['stage']} to {stage}"
            yield Decision("move", me, what, expected, got)

    def _linked(self, me: Person) -> Iterator[Decision]:
        deals, companies = (list(self.model.world.of(name)) for name in ("deal", "company"))
        for deal in self.rng.sample(deals, 5):
            company = self.rng.choice(companies)
            for is_wanted, act in ((True, link_here), (False, unlink_here)):
                got = self.undone(
                    me,
                    lambda work, act=act, deal=deal, company=company: act(
                        work, ref_of(company), "deal_partners", deal.id
                    ),
                )
                what = f"{deal.values['name']} and {company.values['name']}"
                expected = self.model.link(me, deal, company, is_wanted=is_wanted)
                yield Decision("link" if is_wanted else "unlink", me, what, expected, got)

    def _shared(self, me: Person) -> Iterator[Decision]:
        other = str(self.rng.choice(list(self.model.world.people)))
        for record in self.rng.sample(list(self.model.world.records.values()), 6):
            name = record.values["name"]
            for level in ("read", "edit"):
                got = self.undone(
                    me,
                    lambda work, record=record, level=level: share_record(work, ref_of(record), "user", other, level),
                )
                yield Decision("share", me, f"{name} to {level}", self.model.share(me, record, level), got)
            with self.crm.workspace.reading(UserActor(me.id)) as work:
                got = outcome(lambda work=work, record=record: shares_of(work, ref_of(record)))
            yield Decision("shares", me, name, self.model.share(me, record, "read"), got)

    def _change(self, record: Record) -> Values:
        world, choose = self.model.world, self.rng.choice
        owner = {"owner": choice} if (choice := choose([None, *world.people])) or record.values else {}
        companies = [each.id for each in world.of("company")]
        own: Values = {"city": choose(["Oslo", "Rome"])}
        if record.object == "deal":
            choices: list[Values] = [
                {"size": choose([1, 12, None])},
                {"stage": choose(STAGES)},
                {"region": choose(list(world.territories))},
                {"company": choose([None, record.values.get("company"), *companies])},
                {"partners": frozenset({choose(companies)})},
                {"secret": choose([None, "another"])},
            ]
            own = choose(choices)
        elif record.object == "note":
            deals = [each.id for each in world.of("deal")]
            own = choose([{"name": "Another"}, {"deal": choose([None, record.values.get("deal"), *deals])}])
        return choose([owner, own, own])

    def _bulk(self, me: Person) -> Iterator[Decision]:
        model, deals = self.model, list(self.model.world.of("deal"))
        done: set[UUID] = set()

        def change(work: UnitOfWork) -> None:
            report = edit_records(work, "deal", [Chosen(deal.id) for deal in deals], {"size": "12"})
            done.update(report.done)

        got = self.undone(me, change)
        if not (model.has(me, "bulk", "deal") and model.has(me, "edit", "deal")):
            yield Decision("bulk", me, "deal", "forbidden", got)
        elif model.level(me, "deal", "size") < EDITABLE:
            yield Decision("bulk", me, "deal", "invalid", got)
        else:
            changed = {deal.id for deal in deals if model.can(me, "bulk", deal)}
            changed = {each for each in changed if model.change(me, model.world.records[each], {"size": 12}) == "done"}
            for deal in deals:
                yield Decision("bulk", me, deal.values["name"], deal.id in changed, deal.id in done)

    def _trash(self) -> Iterator[Decision]:
        """At last, because what is gone is gone for everybody."""
        model, notes = self.model, list(self.model.world.of("note"))[:3]
        with self.crm.work() as work:
            for note in notes:
                delete_record(work, ref_of(note))
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
                got = self.undone(me, lambda work, note=note: restore_record(work, ref_of(note)))
                expected = "done" if note.id in allowed else "absent"
                expected = expected if model.has(me, "delete", "note") else "forbidden"
                yield Decision("restore", me, note.values["name"], expected, got)
