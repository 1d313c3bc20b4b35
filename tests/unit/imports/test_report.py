"""The report of an import counts lines, not remarks, and is safe to open in a spreadsheet."""

import csv
from pathlib import Path

from crm_app.services.import_report import FileReport, ImportReport, write_report


def test_a_line_with_two_repairs_is_one_repaired_line() -> None:
    report = FileReport("f.csv")
    report.repaired(4, "a", "x", "y")
    report.repaired(4, "b", "x", "y")
    report.refused(3, "It is broken.")
    report.finish()
    assert (report.counts["repaired"], report.counts["refused"]) == (1, 1)
    assert [remark.line for remark in report.remarks] == [3, 4, 4]


def test_equal_remarks_are_put_together() -> None:
    report = FileReport("f.csv")
    for line in (2, 3, 4):
        report.repaired(line, "a", "x", "y")
    report.refused(5, "It is broken.")
    assert report.kinds() == [("a: x → y", 3), ("It is broken.", 1)]


def test_nothing_in_the_report_becomes_a_formula(tmp_path: Path) -> None:
    file = FileReport("f.csv")
    file.repaired(2, "a", '=HYPERLINK("http://x")', "@now")
    write_report(ImportReport("m", [file]), tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(newline="") as opened:
        row = next(csv.DictReader(opened))
    assert (row["before"], row["after"]) == ('\'=HYPERLINK("http://x")', "'@now")
