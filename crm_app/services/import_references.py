"""From the name that a cell holds to the record or person it means, for a batch of lines at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.mapping import FileMapping, ImportMapping, Source
from crm_app.services.import_keys import known_keys
from crm_app.services.import_lines import Wish, folded
from crm_app.services.import_report import FileReport
from crm_app.services.unit_of_work import UnitOfWork


def source_name(mapping: ImportMapping, file: FileMapping) -> str:
    """The origin under which a file's keys are kept."""
    return f"{mapping.name}/{file.file}"


@dataclass(frozen=True)
class _Place:
    """One relation that the file fills: `origins` are the sources whose keys may name its target."""

    field: FieldDefinition
    source: Source
    match: str
    origins: tuple[str, ...]


@dataclass
class References:
    """`found` is kept for the whole file; what was not found is asked for again, because a later line may make it."""

    work: UnitOfWork
    report: FileReport
    places: tuple[_Place, ...]
    _found: dict[tuple[str, str, str], UUID] = field(default_factory=dict[tuple[str, str, str], UUID])

    @staticmethod
    def of(work: UnitOfWork, mapping: ImportMapping, file: FileMapping, report: FileReport) -> "References":
        definition = work.definition(file.object)
        places = tuple(
            _place(work, mapping, definition.all_fields[name], source)
            for name, source in file.sources.items()
            if definition.all_fields[name].field_type.is_relation
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
        """Finds what is not known yet; the answer says, by folded name, why some can't be used."""
        asked = {folded(text): text for wish in wishes if (text := wish.values.get(place.field.name))}
        unknown = {name: text for name, text in asked.items() if self._key(place, name) not in self._found}
        by_key = self._by_key(place, unknown)
        self._found.update({self._key(place, name): record for name, record in by_key.items()})
        rest = [text for name, text in unknown.items() if name not in by_key]
        return self._by_name(place, rest) if rest else {}

    def _by_key(self, place: _Place, names: Collection[str]) -> dict[str, UUID]:
        """What an earlier line with that key became, even if it bears another name by now."""
        found: dict[str, UUID] = {}
        for origin in place.origins if names else ():
            found |= {key: known.record for key, known in known_keys(self.work.connection, origin, names).items()}
        reach = self.work.reach("read", place.field.target)
        live = self.work.records.existing(place.field.target, set(found.values()), reach) if found else set[UUID]()
        return {name: record for name, record in found.items() if record in live}

    def _by_name(self, place: _Place, texts: Sequence[str]) -> dict[str, str]:
        target = self.work.catalog.by_name[place.field.target]
        reach, find = self.work.reach("read", target.name), self.work.records.find_by
        hits = {folded(str(value)): ids for value, ids in find(target.name, place.match, texts, reach).items()}
        problems: dict[str, str] = {}
        for text in texts:
            ids = hits.get(folded(text), [])
            if len(ids) == 1:
                self._found[self._key(place, folded(text))] = ids[0]
            elif ids:
                problems[folded(text)] = f"{len(ids)} {target.plural.lower()} are called '{text}'."
            else:
                problems[folded(text)] = f"There is no {target.label.lower()} '{text}'."
        return problems

    def _put(self, place: _Place, line: int, values: dict[str, object], problems: Mapping[str, str]) -> bool:
        name = place.field.name
        text = values.get(name)
        if not isinstance(text, str) or not text:
            return True
        problem = problems.get(folded(text))
        if problem is None:
            values[name] = self._found[self._key(place, folded(text))]
            return True
        if place.source.missing == "empty":
            values[name] = ""
            self.report.repaired(line, place.source.column or name, text, "")
            return True
        self.report.refused(line, problem, place.source.column or name)
        return False

    @staticmethod
    def _key(place: _Place, name: str) -> tuple[str, str, str]:
        return place.field.target, place.match, name


def _place(work: UnitOfWork, mapping: ImportMapping, relation: FieldDefinition, source: Source) -> _Place:
    match = source.match or work.catalog.by_name[relation.target].name_field
    origins = [source_name(mapping, each) for each in mapping.files if each.object == relation.target]
    by_key = tuple(origin for origin in origins if not source.match)
    return _Place(relation, source, match, by_key)
