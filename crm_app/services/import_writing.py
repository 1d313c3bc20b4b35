"""Batches of wishes → records, through the same functions as every other write, so that an import can do no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from crm_app.kernel.errors import Forbidden, Invalid, NotFound, TrellisError
from crm_app.kernel.events import RecordRef
from crm_app.services.duplicates import Duplicate, DuplicatesFound
from crm_app.services.import_keys import Known, fingerprint, known_keys, remember, renew
from crm_app.services.import_lines import Wish
from crm_app.services.import_report import FileReport
from crm_app.services.records import MAX_BULK, create_records, get_record, update_record
from crm_app.services.unit_of_work import UnitOfWork

BATCH = MAX_BULK
TAKEN = "Its key is taken already, by a record that you may not see."


@dataclass(frozen=True)
class _Noted:
    """What duplicate rules warn of in one attempt, which may yet be taken back. It passes."""

    found: list[Duplicate] = field(default_factory=list[Duplicate])

    def passes(self, found: Sequence[Duplicate]) -> bool:
        self.found.extend(found)
        return True


@dataclass(frozen=True)
class Writer:
    """Writes the lines of one file. `columns` says which column a field came from, for the report."""

    work: UnitOfWork
    object: str
    source: str
    columns: dict[str, str]
    report: FileReport

    def write(self, wishes: Sequence[Wish]) -> None:
        """What is new is created, what the line says anew is changed, and the rest is left exactly as it is."""
        marks = {wish.key: fingerprint(wish.values) for wish in wishes}
        known = known_keys(self.work.connection, self.source, list(marks))
        made = self._create([wish for wish in wishes if wish.key not in known])
        wishes = self._without_unseen(wishes, known)
        changed = [wish for wish in wishes if wish.key in known and known[wish.key].fingerprint != marks[wish.key]]
        done = [wish for wish in changed if self._update(wish, known[wish.key])]
        if made:
            remember(
                self.work.connection,
                self.source,
                self.object,
                [(wish.key, record, marks[wish.key]) for wish, record in made],
            )
        renew(self.work.connection, self.source, [(wish.key, marks[wish.key]) for wish in done])
        self.report.counts["created"] += len(made)
        self.report.counts["unchanged"] += sum(
            wish.key in known and known[wish.key].fingerprint == marks[wish.key] for wish in wishes
        )
        self.work.flush()

    def _without_unseen(self, wishes: Sequence[Wish], known: Mapping[str, Known]) -> list[Wish]:
        """A key that stands for a record out of the actor's reach is said to be taken, and no more: whether the line
        says what was imported before would tell what is in it, and whether it was deleted that it was there.
        """
        reach = self.work.reach("read", self.object)
        if reach.everyone:
            return list(wishes)
        ids = {each.record for each in known.values()}
        seen = self.work.records.names(self.object, ids, reach, with_deleted=True).keys() if ids else ()
        closed = {wish.line for wish in wishes if wish.key in known and known[wish.key].record not in seen}
        for line in sorted(closed):
            self.report.refused(line, TAKEN)
        return [wish for wish in wishes if wish.line not in closed]

    def _create(self, wishes: Sequence[Wish]) -> list[tuple[Wish, UUID]]:
        """All that can be. A refusal that names lines takes those out; one that doesn't is narrowed down by halves."""
        if not wishes:
            return []
        noted = _Noted()
        try:
            with self.work.connection.begin_nested():
                records = create_records(self.work, self.object, [wish.values for wish in wishes], noted.passes)
        except (Invalid, Forbidden, DuplicatesFound) as refusal:
            if len(wishes) == 1:
                self._refuse(wishes[0], refusal)
                return []
            if named := self._named(wishes, refusal):
                return self._create([wish for wish in wishes if wish.line not in named])
            middle = len(wishes) // 2
            return self._create(wishes[:middle]) + self._create(wishes[middle:])
        self._note(wishes, noted)
        return [(wish, record.ref.id) for wish, record in zip(wishes, records, strict=True)]

    def _update(self, wish: Wish, known: Known) -> bool:
        """False for a line that is refused, which is tried again by the next import."""
        ref, noted = RecordRef(self.object, known.record), _Noted()
        try:
            before = get_record(self.work, ref, names=False)
            with self.work.connection.begin_nested():
                after = update_record(self.work, ref, wish.values, passes=noted.passes)
        except NotFound:
            self.report.refused(wish.line, "Its record was deleted here.")
            return False
        except (Invalid, Forbidden, DuplicatesFound) as refusal:
            self._refuse(wish, refusal)
            return False
        self._note([wish], noted)
        self.report.counts["unchanged" if after.version == before.version else "updated"] += 1
        return True

    def _note(self, wishes: Sequence[Wish], noted: _Noted) -> None:
        definition = self.work.definition(self.object)
        for each in noted.found:
            column = self.columns.get(each.rule.match[0], each.rule.match[0])
            self.report.duplicate(wishes[each.position].line, each.sentence(definition), column)

    def _named(self, wishes: Sequence[Wish], refusal: TrellisError) -> set[int]:
        """Reports the problems that carry the position of a record, and gives the lines they are about."""
        lines: set[int] = set()
        for problem in refusal.problems:
            position, _, field = problem.path.partition("/")
            if position.isdigit():
                line = wishes[int(position)].line
                lines.add(line)
                self.report.refused(line, problem.sentence, self.columns.get(field, field))
        return lines

    def _refuse(self, wish: Wish, refusal: TrellisError) -> None:
        for problem in refusal.problems:
            self.report.refused(wish.line, problem.sentence, self.columns.get(problem.path, problem.path))
        if not refusal.problems:
            self.report.refused(wish.line, refusal.message)
