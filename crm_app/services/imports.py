"""Imports CSV files by a mapping, in the transaction of the caller's unit of work: a file that can't be read changes
nothing at all, a line that can't be used is left out and reported, and a second import of the same files does nothing.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from crm_app.definitions.load import load_definition
from crm_app.definitions.mapping import FileMapping, ImportMapping
from crm_app.definitions.mapping_names import called_now
from crm_app.kernel.errors import Invalid, NotFound, Problem
from crm_app.kernel.strict_json import loads
from crm_app.services.accounts import require_administrator
from crm_app.services.audit_entries import Entry, correlate, write_head
from crm_app.services.import_keys import hold
from crm_app.services.import_lines import Cells, LineReader, Wish
from crm_app.services.import_order import batches, parents_first
from crm_app.services.import_people import import_people
from crm_app.services.import_reading import BrokenLine, CsvFile, open_csv
from crm_app.services.import_references import References, source_name
from crm_app.services.import_report import FileReport, ImportReport
from crm_app.services.import_writing import Writer
from crm_app.services.objects import editable_fields
from crm_app.services.packages import SHIPPED
from crm_app.services.unit_of_work import UnitOfWork


class BadMapping(Invalid):
    """The mapping doesn't fit the files or the workspace; nothing was imported."""

    code = "bad_mapping"


def find_mapping(name: str) -> ImportMapping:
    """One that a shipped package brings, or a JSON file of one's own."""
    shipped = {path.stem: path for path in sorted(SHIPPED.glob("*/mappings/*.json"))}
    path = shipped.get(name, Path(name))
    if not path.is_file():
        raise NotFound(f"There is no mapping '{name}'. Known: {', '.join(shipped)}; or give the path of a JSON file.")
    return load_definition(ImportMapping, loads(path.read_bytes()), path.name)


def find_files(mapping: ImportMapping, places: list[Path]) -> dict[str, Path]:
    """The mapping's files among the paths given; a folder must hold all of them."""
    names = [file.file for file in mapping.files]
    found: dict[str, Path] = {}
    problems: list[Problem] = []
    for place in places:
        if place.is_dir():
            found |= {name: place / name for name in names}
            problems += [Problem(str(place), f"There is no {name}.") for name in names if not (place / name).is_file()]
        elif place.name in names and place.is_file():
            found[place.name] = place
        else:
            known = f"The mapping reads {', '.join(names)}." if place.is_file() else "There is no such file."
            problems.append(Problem(str(place), known))
    if problems:
        raise BadMapping("These files can't be imported.", problems)
    return found


def import_files(work: UnitOfWork, mapping: ImportMapping, files: Mapping[str, Path]) -> ImportReport:
    """`files` is by the names in the mapping. The actor needs `import` and what each write needs by itself."""
    mapping = called_now(mapping, work.catalog)
    chosen = [file for file in mapping.files if file.file in files]
    problems = [problem for file in chosen for problem in _problems(work, file)]
    if problems:
        raise BadMapping("The mapping doesn't fit this workspace.", problems)
    hold(work.connection, mapping.name)
    together = correlate(work)
    report = ImportReport(mapping.name)
    for file in chosen:
        with open_csv(files[file.file], file.columns, file.encoding) as opened:
            report.files.append(_import_file(work, mapping, file, opened))
    if not report.changed_nothing:
        write_head(work, together, Entry("records.imported", after={"mapping": mapping.name, "files": sorted(files)}))
    return report


def _problems(work: UnitOfWork, file: FileMapping) -> Iterator[Problem]:
    """Permission for the whole file, and every field that the mapping names."""
    if file.people:
        require_administrator(work)
        return
    work.require("import", file.object)
    definition = work.definition(file.object)
    editable = set(definition.all_fields) if work.who.is_system else editable_fields(work, file.object)
    for name, source in file.sources.items():
        path = f"{file.file}/fields/{name}"
        field = definition.all_fields.get(name)
        if field is None or name in work.access(file.object).hidden:
            yield Problem(path, f"{definition.label} has no such field.")
        elif name not in editable:
            yield Problem(path, f"{field.label} can't be changed by you.")
        elif source.match and any(source.match not in (work.fields(target) or {}) for target in field.targets or ("",)):
            yield Problem(f"{path}/match", f"There is no field '{source.match}' to find it by.")


def _import_file(work: UnitOfWork, mapping: ImportMapping, file: FileMapping, opened: CsvFile) -> FileReport:
    report = FileReport(file.file, opened.encoding)
    reader = LineReader(file, report)
    lines = _usable(opened, reader, report)
    if file.people:
        import_people(work, file.people, source_name(mapping, file), lines, report)
    else:
        _import_records(work, mapping, file, _wishes(lines, reader, report), report)
    report.finish()
    return report


def _import_records(
    work: UnitOfWork, mapping: ImportMapping, file: FileMapping, wishes: Iterator[Wish], report: FileReport
) -> None:
    definition = work.definition(file.object)
    own = [name for name in file.sources if file.object in definition.all_fields[name].targets]
    ordered = parents_first(wishes, own, definition.name_field, report) if own else batches(wishes)
    references = References.of(work, mapping, file, report)
    columns = {name: source.column for name, source in file.sources.items() if source.column}
    writer = Writer(work, file.object, source_name(mapping, file), columns, report)
    for batch in ordered:
        writer.write(references.resolved(batch))


def _usable(opened: CsvFile, reader: LineReader, report: FileReport) -> Iterator[tuple[int, str, Cells]]:
    """Number, key and cleaned cells of the lines that can be told apart."""
    seen: dict[str, int] = {}
    for line in opened.lines():
        if line.broken:
            report.refused(line.number, line.broken)
            continue
        cells = reader.clean(line.number, line.cells)
        try:
            key = reader.key(cells)
        except BrokenLine as problem:
            report.refused(line.number, str(problem))
            continue
        if key in seen:
            report.refused(line.number, f"It has the key of line {seen[key]}; only the first is used.")
            continue
        seen[key] = line.number
        yield line.number, key, cells


def _wishes(lines: Iterator[tuple[int, str, Cells]], reader: LineReader, report: FileReport) -> Iterator[Wish]:
    for number, key, cells in lines:
        try:
            yield reader.wish(number, key, cells)
        except BrokenLine as problem:
            report.refused(number, str(problem), problem.column)
