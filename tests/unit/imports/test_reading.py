"""Any CSV file that a person has, and every way in which a line can be broken."""

from pathlib import Path

import pytest

from crm_app.services import import_reading
from crm_app.services.import_encoding import encoding_of
from crm_app.services.import_reading import BadFile, Line, open_csv


def read(tmp_path: Path, body: bytes | str, encoding: str = "") -> list[Line]:
    file = tmp_path / "file.csv"
    file.write_bytes(body.encode() if isinstance(body, str) else body)
    with open_csv(file, ("a", "b"), encoding) as opened:
        return list(opened.lines())


def cells(lines: list[Line]) -> list[tuple[int, str, str]]:
    return [(line.number, line.cells["a"], line.cells["b"]) for line in lines if not line.broken]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_the_header(tmp_path: Path, delimiter: str) -> None:
    assert cells(read(tmp_path, f"a{delimiter}b\n1{delimiter}2\n")) == [(2, "1", "2")]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_line_ending_will_do(tmp_path: Path, ending: str) -> None:
    assert cells(read(tmp_path, ending.join(["a,b", "1,2", "3,4"]))) == [(2, "1", "2"), (3, "3", "4")]


def test_a_cell_may_hold_line_breaks_and_the_next_line_keeps_its_number(tmp_path: Path) -> None:
    assert cells(read(tmp_path, 'a,b\n"one\ntwo",x\n3,4\n')) == [(2, "one\ntwo", "x"), (4, "3", "4")]


def test_blank_lines_are_passed_over(tmp_path: Path) -> None:
    assert cells(read(tmp_path, "a,b\n\n1,2\n,\n3,4\n\n")) == [(3, "1", "2"), (5, "3", "4")]


def test_an_open_quote_costs_its_own_line_only(tmp_path: Path) -> None:
    lines = read(tmp_path, 'a,b\n1,"2\n3,4\n5,6\n')
    assert [line.number for line in lines if line.broken] == [2]
    assert cells(lines) == [(3, "3", "4"), (4, "5", "6")]


def test_every_broken_line_says_what_is_wrong(tmp_path: Path) -> None:
    lines = read(tmp_path, b'a,b\n1\n1,2,3\n"x"y,2\n1,\x00\n\xc3\xa9,\xff\n\xc3\xa9,2\n\xc3\xa9,3\n')
    assert [(line.number, line.broken) for line in lines if line.broken] == [
        (2, "It has 1 cells, but the header has 2."),
        (3, "It has 3 cells, but the header has 2."),
        (4, "A quotation mark stands in the middle of a cell; inside quotes it is written twice."),
        (5, "It contains the NUL character."),
        (6, "Some of its characters can't be read in the file's encoding."),
    ]
    assert cells(lines) == [(7, "é", "2"), (8, "é", "3")]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Grüße aus Köln", "utf-8"),
        ("Grüße aus Köln", "utf-8-sig"),
        ("Grüße aus Köln", "utf-16"),
        ("Grüße aus Köln", "cp1252"),
        ("Привет мир, это тест", "cp1251"),
        ("株式会社テスト", "cp932"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, text: str, encoding: str) -> None:
    body = f'a,b\n1,"{text}"\n'.encode(encoding)
    assert cells(read(tmp_path, body)) == [(2, "1", text)]


def test_a_mapping_may_name_the_encoding(tmp_path: Path) -> None:
    assert cells(read(tmp_path, "a,b\n1,Łódź\n".encode("cp1250"), "cp1250")) == [(2, "1", "Łódź")]


def test_a_few_broken_bytes_do_not_change_the_encoding() -> None:
    assert encoding_of(b"a\n\xc3\xa9\n\xc3\xbc\n\xff\n") == "utf-8"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "is empty"),
        (b"\n  \n", "is empty"),
        (b"\x89PNG\r\n\x00\x00", "is no CSV file"),
        (b"a,c\n1,2\n", "column 'b' is missing"),
        (b"a,b,b\n1,2,3\n", "'b' appears twice"),
        (b'"a,b\n1,2\n', "can't be read"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(tmp_path: Path, body: bytes, message: str) -> None:
    with pytest.raises(BadFile) as refusal:
        read(tmp_path, body)
    assert message in str(refusal.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"There is no file none\.csv"), open_csv(tmp_path / "none.csv", ()):
        pass


def test_size_and_number_of_records_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_reading, "MAX_RECORDS", 2)
    with pytest.raises(BadFile, match="more than 2 records"):
        read(tmp_path, "a,b\n1,2\n3,4\n5,6\n")
    monkeypatch.setattr(import_reading, "MAX_BYTES", 10)
    with pytest.raises(BadFile, match="at most"):
        read(tmp_path, "a,b\n1,2\n3,4\n5,6\n")
