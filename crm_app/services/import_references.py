"""From the name that a cell holds to the record or person it means, for a batch of lines at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.mapping import FileMapping, ImportMapping, Source
from crm_app.fields.many_to_many import SEPARATOR
from crm_app.kernel.events import RecordRef
from crm_app.services.import_keys import known_keys
from crm_app.services.import_lines import Wish, folded
from crm_app.services.import_report import FileReport
from crm_app.services.unit_of_work import UnitOfWork


def source_name(mapping: ImportMapping, file: FileMapping) -> str:
    """The origin under which a file's keys are kept."""
    return f"{mapping.name}/{file.file}"


MAX_SHOWN = 60


Target = UUID | RecordRef


@dataclass(frozen=True)
class _Place:
    """One relation that the file fills: `origins` are the sources whose keys may name its target, and what they made.
    `found` is by the text of the cell and kept for the whole file; what was not found is asked for again, because a
    later line may make it.
    """

    relation: FieldDefinition
    source: Source
    origins: tuple[tuple[str, str], ...]
    found: dict[str, Target] = field(default_factory=dict[str, Target])

    def texts(self, cell: object) -> list[str]:
        """The names in a cell: several, separated by semicolons, where the field links to many."""
        if not isinstance(cell, str) or not cell:
            return []
        return names_in(cell) if self.relation.field_type.is_linked else [cell]

    def value(self, target: str, record: UUID) -> Target:
        return RecordRef(target, record) if self.relation.is_to_any else record


def names_in(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(SEPARATOR) if part.strip()] or [cell]


@dataclass(frozen=True)
class References:
    """All relations of one file."""

    work: UnitOfWork
    report: FileReport
    places: tuple[_Place, ...]

    @staticmethod
    def of(work: UnitOfWork, mapping: ImportMapping, file: FileMapping, report: FileReport) -> "References":
        definition = work.definition(file.object)
        places = tuple(
            _place(mapping, definition.all_fields[name], source)
            for name, source in file.sources.items()
            if definition.all_fields[name].targets
        )
        return References(work, report, places)

    def resolved(self, wishes: Sequence[Wish]) -> list[Wish]:
        """The wishes with ids in place of names; a line whose target does not exist is refused or repaired."""
        problems = {id(place): self._look_up(place, wishes) for place in self.places}
        kept: list[Wish] = []
        for wish in wishes:
            values = dict(wish.values)
            if all(self._put(place, wish.line, values, problems[id(place)]) for place in self.places):
                kept.append(replace(wish, values=values))
        return kept

    def _look_up(self, place: _Place, wishes: Sequence[Wish]) -> Mapping[str, str]:
        """Finds what is not known yet; the answer says, by the cell's text, why some can't be used."""
        cells = (wish.values.get(place.relation.name) for wish in wishes)
        texts = {text for cell in cells for text in place.texts(cell)} - place.found.keys()
        by_key = self._by_key(place, {folded(text) for text in texts})
        place.found.update({text: by_key[folded(text)] for text in texts if folded(text) in by_key})
        rest = sorted(texts - place.found.keys())
        return self._by_name(place, rest) if rest else {}

    def _by_key(self, place: _Place, names: Collection[str]) -> dict[str, Target]:
        """What an earlier line with that key became, even if it bears another name by now."""
        found: dict[str, Target] = {}
        for origin, target in place.origins if names else ():
            keys = {key: known.record for key, known in known_keys(self.work.connection, origin, names).items()}
            live = self.work.records.existing(target, set(keys.values()), self.work.reach("read", target))
            found |= {key: place.value(target, record) for key, record in keys.items() if record in live}
        return found

    def _by_name(self, place: _Place, texts: Sequence[str]) -> dict[str, str]:
        hits: dict[str, list[Target]] = {}
        for name in place.relation.targets:
            match = place.source.match or self.work.catalog.by_name[name].name_field
            for value, ids in self.work.records.find_by(name, match, texts, self.work.reach("read", name)).items():
                hits.setdefault(folded(str(value)), []).extend(place.value(name, each) for each in ids)
        problems: dict[str, str] = {}
        for text in texts:
            found, shown = hits.get(folded(text), []), text[:MAX_SHOWN]
            if len(found) == 1:
                place.found[text] = found[0]
            elif found:
                problems[text] = f"{len(found)} {self._noun(place, is_plural=True)} are called '{shown}'."
            else:
                problems[text] = f"There is no {self._noun(place)} '{shown}'."
        return problems

    def _noun(self, place: _Place, *, is_plural: bool = False) -> str:
        if not place.relation.target:
            return "records" if is_plural else "record"
        target = self.work.catalog.by_name[place.relation.target]
        return (target.plural if is_plural else target.label).lower()

    def _put(self, place: _Place, line: int, values: dict[str, object], problems: Mapping[str, str]) -> bool:
        """Of several names in one cell each counts for itself."""
        name = place.relation.name
        texts = place.texts(values.get(name))
        if not texts:
            return True
        found = [place.found[text] for text in texts if text in place.found]
        missing = [text for text in texts if text not in place.found]
        if missing and place.source.missing != "empty":
            self.report.refused(line, problems[missing[0]], place.source.column or name)
            return False
        values[name] = found if place.relation.field_type.is_linked else found[0] if found else ""
        for text in missing:
            self.report.repaired(line, place.source.column or name, text, "")
        return True


def _place(mapping: ImportMapping, relation: FieldDefinition, source: Source) -> _Place:
    origins = [(source_name(mapping, each), each.object) for each in mapping.files if each.object in relation.targets]
    by_key = tuple(origin for origin in origins if not source.match)
    return _Place(relation, source, by_key)
