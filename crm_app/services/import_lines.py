"""One line of a file → the raw values of one record, as the mapping says."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from crm_app.definitions.mapping import PLACEHOLDER, FileMapping, Source
from crm_app.services.formula_guard import GUARD, unguarded
from crm_app.services.import_reading import BrokenLine
from crm_app.services.import_report import FileReport

Cells = Mapping[str, str]
Reader = Callable[[Cells], Any]
CACHE_LIMIT = 20_000


@dataclass(frozen=True)
class Wish:
    """What a line asks for: its key, and raw values by field; relations still as the text that names their target."""

    line: int
    key: str
    values: dict[str, Any]


def filled(template: str, cells: Cells) -> str:
    return PLACEHOLDER.sub(lambda found: cells[found[1]], template)


def folded(text: str) -> str:
    """How names and keys are compared: without regard to case and to how accents are encoded."""
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip().casefold()


class LineReader:
    """`clean` repairs cells and reports it; `wish` turns them into values or raises `BrokenLine`."""

    def __init__(self, mapping: FileMapping, report: FileReport) -> None:
        self._mapping = mapping
        self._report = report
        self._corrections = list(mapping.corrections.items())
        self._readers = [(name, source.skip_empty, _reader(source)) for name, source in mapping.sources.items()]

    def clean(self, number: int, cells: dict[str, str]) -> dict[str, str]:
        for column, cell in cells.items():
            if cell and (cell[0].isspace() or cell[-1].isspace()) and not self._mapping.keep_blanks:
                cells[column] = cell.strip()
                self._report.repaired(number, column, repr(cell), repr(cell.strip()))
            if cell.startswith(GUARD):
                cells[column] = unguarded(cells[column])
        for column, meant in self._corrections:
            if cells[column] in meant:
                self._report.repaired(number, column, cells[column], meant[cells[column]])
                cells[column] = meant[cells[column]]
        return cells

    def key(self, cells: Cells) -> str:
        parts = [folded(cells[column]) for column in self._mapping.key]
        if not all(parts):
            empty = next(column for column in self._mapping.key if not folded(cells[column]))
            raise BrokenLine(f"'{empty}' is empty, and lines are told apart by it.")
        return parts[0] if len(parts) == 1 else orjson.dumps(parts).decode()

    def wish(self, number: int, key: str, cells: Cells) -> Wish:
        values: dict[str, Any] = {}
        for name, skips_empty, read in self._readers:
            value = read(cells)
            if value != "" or not skips_empty:
                values[name] = value
        return Wish(number, key, values)


def _reader(source: Source) -> Reader:
    if source.constant is not None:
        return lambda _cells: source.constant
    if source.templates:
        return _template_reader(source)
    column = source.column
    convert = _converter(source)
    if convert is None:
        return lambda cells: cells[column]
    known: dict[str, str] = {"": ""}

    def read(cells: Cells) -> str:
        cell = cells[column]
        if cell not in known:
            if len(known) > CACHE_LIMIT:
                known.clear()
            known[cell] = convert(cell) if cell else ""
        return known[cell]

    return read


def _template_reader(source: Source) -> Reader:
    wanted = [(template, PLACEHOLDER.findall(template)) for template in source.templates]

    def read(cells: Cells) -> str:
        for template, columns in wanted:
            if all(cells[column] for column in columns):
                return filled(template, cells)
        return ""

    return read


def _converter(source: Source) -> Callable[[str], str] | None:
    if source.date:
        return lambda cell: _iso_date(cell, source)
    if source.multiply is not None:
        return lambda cell: _product(cell, source)
    if source.values:
        return lambda cell: source.values.get(cell, cell)
    return None


def _iso_date(cell: str, source: Source) -> str:
    try:
        return datetime.strptime(cell, source.date).date().isoformat()  # noqa: DTZ007 - a calendar day has no zone
    except ValueError:
        example = datetime(2026, 1, 31).strftime(source.date)  # noqa: DTZ001 - likewise
        raise BrokenLine(f"'{cell[:40]}' is not a date such as {example}.", source.column) from None


def _product(cell: str, source: Source) -> str:
    try:
        return f"{Decimal(cell.replace(',', '')) * (source.multiply or 1):f}"
    except InvalidOperation:
        raise BrokenLine(f"'{cell[:40]}' is not a number.", source.column) from None
