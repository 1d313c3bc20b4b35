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


MAX_SHOWN = 60


@dataclass(frozen=True)
class _Place:
    """One relation that the file fills: `origins` are the sources whose keys may name its target. `found` is by the
    text of the cell and kept for the whole file; what was not found is asked for again, because a later line may make
    it.
    """

    relation: FieldDefinition
    source: Source
    match: str
    origins: tuple[str, ...]
    found: dict[str, UUID] = field(default_factory=dict[str, UUID])


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
        """Finds what is not known yet; the answer says, by the cell's text, why some can't be used."""
        name = place.relation.name
        texts = {text for wish in wishes if (text := wish.values.get(name))} - place.found.keys()
        by_key = self._by_key(place, {folded(text) for text in texts})
        place.found.update({text: by_key[folded(text)] for text in texts if folded(text) in by_key})
        rest = sorted(texts - place.found.keys())
        return self._by_name(place, rest) if rest else {}

    def _by_key(self, place: _Place, names: Collection[str]) -> dict[str, UUID]:
        """What an earlier line with that key became, even if it bears another name by now."""
        found: dict[str, UUID] = {}
        for origin in place.origins if names else ():
            found |= {key: known.record for key, known in known_keys(self.work.connection, origin, names).items()}
        reach = self.work.reach("read", place.relation.target)
        live = self.work.records.existing(place.relation.target, set(found.values()), reach) if found else set[UUID]()
        return {name: record for name, record in found.items() if record in live}

    def _by_name(self, place: _Place, texts: Sequence[str]) -> dict[str, str]:
        target = self.work.catalog.by_name[place.relation.target]
        reach, find = self.work.reach("read", target.name), self.work.records.find_by
        hits = {folded(str(value)): ids for value, ids in find(target.name, place.match, texts, reach).items()}
        problems: dict[str, str] = {}
        for text in texts:
            ids, shown = hits.get(folded(text), []), text[:MAX_SHOWN]
            if len(ids) == 1:
                place.found[text] = ids[0]
            elif ids:
                problems[text] = f"{len(ids)} {target.plural.lower()} are called '{shown}'."
            else:
                problems[text] = f"There is no {target.label.lower()} '{shown}'."
        return problems

    def _put(self, place: _Place, line: int, values: dict[str, object], problems: Mapping[str, str]) -> bool:
        name = place.relation.name
        text = values.get(name)
        if not isinstance(text, str) or not text:
            return True
        target = place.found.get(text)
        if target is not None:
            values[name] = target
            return True
        if place.source.missing == "empty":
            values[name] = ""
            self.report.repaired(line, place.source.column or name, text, "")
            return True
        self.report.refused(line, problems[text], place.source.column or name)
        return False


def _place(work: UnitOfWork, mapping: ImportMapping, relation: FieldDefinition, source: Source) -> _Place:
    match = source.match or work.catalog.by_name[relation.target].name_field
    origins = [source_name(mapping, each) for each in mapping.files if each.object == relation.target]
    by_key = tuple(origin for origin in origins if not source.match)
    return _Place(relation, source, match, by_key)
