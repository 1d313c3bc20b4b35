"""CSV files as they come: any encoding and delimiter, quoted line breaks, broken lines. Nothing is lost silently: each
line is either given out or reported with its number.
"""

import codecs
import csv
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from crm_app.kernel.errors import Invalid, Problem
from crm_app.services.formula_guard import unguarded
from crm_app.services.import_encoding import encoding_of

MAX_BYTES = 50_000_000
MAX_RECORDS = 200_000
_NOT_TEXT = (b"PK\x03\x04", b"\x89PNG", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")
DELIMITERS = (",", ";", "\t", "|")


class BadFile(Invalid):
    """The file as a whole can't be imported."""

    code = "bad_file"


class BrokenLine(ValueError):
    """One line is left out; the message is a sentence for the report."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.column = column


@dataclass(frozen=True)
class Line:
    """One record of the file. `number` is the physical line on which it begins; `broken` says why it can't be read."""

    number: int
    cells: dict[str, str]
    broken: str = ""


def _unfit(line: str) -> str:
    """Bytes that could not be decoded stand in the text as lone surrogates."""
    if "\x00" in line:
        return "It contains the NUL character."
    if not line.isascii() and any("\udc80" <= char <= "\udcff" for char in line):
        return "Some of its characters can't be read in the file's encoding."
    return ""


class _Source:
    """Physical lines that can be given back, so that one broken quote does not swallow what follows it."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._waiting: list[str] = []
        self._taken: list[str] = []
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._waiting.pop() if self._waiting else next(self._lines)
        self._taken.append(line)
        return line

    def accept(self) -> tuple[int, str]:
        """What was taken is one record: the number of its first line, and why it can't be used, if so."""
        first = self.number + 1
        unfit = next((reason for reason in map(_unfit, self._taken) if reason), "")
        self.number += len(self._taken)
        self._taken.clear()
        return first, unfit

    def refuse(self) -> int:
        """Only the first line is at fault: those after it are read again on their own."""
        self._waiting += reversed(self._taken[1:])
        self._taken.clear()
        self.number += 1
        return self.number


@dataclass(frozen=True)
class CsvFile:
    """An opened file whose header fits."""

    source: _Source
    delimiter: str
    header: tuple[str, ...]
    encoding: str

    def lines(self) -> Iterator[Line]:
        """Blank lines are passed over."""
        count = 0
        for number, cells, broken in _records(self.source, self.delimiter):
            if not broken and not any(cells):
                continue
            count += 1
            if count > MAX_RECORDS:
                raise BadFile(f"The file has more than {MAX_RECORDS:,} records. Split it into several.")
            reason = broken or self._misfit(cells)
            yield Line(number, {} if reason else dict(zip(self.header, cells, strict=True)), reason)

    def _misfit(self, cells: list[str]) -> str:
        fits = len(cells) == len(self.header)
        return "" if fits else f"It has {len(cells)} cells, but the header has {len(self.header)}."


@contextmanager
def open_csv(path: Path, wanted: Sequence[str], encoding: str = "") -> Generator[CsvFile]:
    """Refuses with `BadFile` what is too big, empty, no text, or lacks one of the wanted columns."""
    guessed = encoding_of(_checked(path))
    encoding = encoding or guessed
    with path.open("rb") as raw, TextIOWrapper(raw, encoding, errors="surrogateescape", newline="") as text:
        source = _Source(iter(text))
        delimiter, header = _header(path, source, wanted)
        yield CsvFile(source, delimiter, header, encoding)


def _checked(path: Path) -> bytes:
    if not path.is_file():
        raise BadFile(f"There is no file {path.name}.")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise BadFile(f"{path.name} has {size / 1e6:,.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read at once.")
    body = path.read_bytes()
    if not body.strip():
        raise BadFile(f"{path.name} is empty.")
    is_wide = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if body.startswith(_NOT_TEXT) or (b"\x00" in body.partition(b"\n")[0] and not is_wide):
        raise BadFile(f"{path.name} is no CSV file. Save the table as CSV and import that.")
    return body


def _records(source: _Source, delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield source.refuse(), [], _sentence(error)
            reader = csv.reader(source, delimiter=delimiter, strict=True)
            continue
        number, unfit = source.accept()
        yield number, cells, unfit


def _sentence(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end" in text or "field larger" in text:
        return "A quotation mark opens a cell that is never closed."
    if "expected after" in text:
        return "A quotation mark stands in the middle of a cell; inside quotes it is written twice."
    return f"It is no CSV: {text}."


def _header(path: Path, source: _Source, wanted: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    try:
        first = next(source)
        candidates = {
            delimiter: [unguarded(cell.strip()) for cell in next(csv.reader([first], delimiter=delimiter, strict=True))]
            for delimiter in DELIMITERS
        }
    except (StopIteration, csv.Error):
        raise BadFile(f"The header of {path.name} can't be read.") from None
    source.accept()
    delimiter = max(DELIMITERS, key=lambda each: (len(set(wanted) & set(candidates[each])), len(candidates[each])))
    header = candidates[delimiter]
    problems = [Problem(path.name, f"The column '{name}' is missing.") for name in wanted if name not in header]
    double = sorted({name for name in header if header.count(name) > 1})
    problems += [Problem(path.name, f"The column '{name}' appears twice.") for name in double]
    if problems:
        raise BadFile(f"The header of {path.name} doesn't fit the mapping.", problems)
    return delimiter, tuple(header)
