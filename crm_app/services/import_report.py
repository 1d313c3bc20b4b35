"""What an import did: counts per file, and every line that it repaired or refused, by number."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Outcome = Literal["created", "updated", "unchanged", "refused", "repaired", "duplicate"]
OUTCOMES: tuple[Outcome, ...] = ("created", "updated", "unchanged", "refused", "repaired", "duplicate")
_BESIDES = ("repaired", "duplicate")
COLUMNS = ("file", "line", "outcome", "column", "before", "after", "reason")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Remark:
    """One line of the report. A repair says what became what, a refusal why."""

    line: int
    outcome: Outcome
    column: str = ""
    before: str = ""
    after: str = ""
    reason: str = ""

    def __str__(self) -> str:
        place = f"{self.column}: " if self.column else ""
        return f"{place}{self.before} → {self.after}" if self.outcome == "repaired" else place + self.reason


@dataclass
class FileReport:
    """`remarks` may be in any order while lines are at work; they are read by line."""

    file: str
    encoding: str = ""
    counts: Counter[Outcome] = field(default_factory=Counter[Outcome])
    remarks: list[Remark] = field(default_factory=list[Remark])

    def repaired(self, line: int, column: str, before: str, after: str) -> None:
        self.remarks.append(Remark(line, "repaired", column, before, after))

    def refused(self, line: int, reason: str, column: str = "") -> None:
        self.remarks.append(Remark(line, "refused", column, reason=reason))

    def duplicate(self, line: int, reason: str, column: str = "") -> None:
        """Saved, although a duplicate rule warns."""
        self.remarks.append(Remark(line, "duplicate", column, reason=reason))

    def finish(self) -> None:
        """A line counts once, however much was wrong with it."""
        self.remarks.sort(key=lambda remark: remark.line)
        for outcome in (*_BESIDES, "refused"):
            self.counts[outcome] = len({r.line for r in self.remarks if r.outcome == outcome})

    @property
    def lines(self) -> int:
        """Each line has one end; a repaired one, or one like others, is created, updated or unchanged besides."""
        return sum(self.counts[outcome] for outcome in OUTCOMES if outcome not in _BESIDES)

    def kinds(self) -> list[tuple[str, int]]:
        """The remarks put together: `product: GTXPro → GTX Pro`, and on how many lines."""
        return Counter(str(remark) for remark in self.remarks).most_common()


@dataclass
class ImportReport:
    """The whole import, file by file in the order of the mapping."""

    mapping: str
    files: list[FileReport] = field(default_factory=list[FileReport])

    def total(self, outcome: Outcome) -> int:
        return sum(file.counts[outcome] for file in self.files)

    @property
    def changed_nothing(self) -> bool:
        return not self.total("created") and not self.total("updated")

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The report as a table, without its header."""
        for file in self.files:
            for r in file.remarks:
                yield file.file, str(r.line), r.outcome, r.column, r.before, r.after, r.reason


def write_report(report: ImportReport, path: Path) -> None:
    """As CSV. What came from outside can't become a formula in a spreadsheet: such cells begin with an apostrophe."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in report.rows():
            writer.writerow([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in row])
