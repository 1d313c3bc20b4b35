"""What a mapping makes of one line, and in which order lines are saved."""

from typing import Any

import pytest
from pydantic import ValidationError

from crm_app.definitions.mapping import FileMapping, ImportMapping
from crm_app.services.import_lines import LineReader, Wish
from crm_app.services.import_order import parents_first
from crm_app.services.import_people import address
from crm_app.services.import_reading import BrokenLine
from crm_app.services.import_report import FileReport


def mapping(fields: dict[str, Any], **more: Any) -> FileMapping:
    return FileMapping.model_validate({"file": "f.csv", "object": "thing", "key": ["id"], "fields": fields, **more})


def values(fields: dict[str, Any], cells: dict[str, str], **more: Any) -> dict[str, Any]:
    reader = LineReader(mapping(fields, **more), FileReport("f.csv"))
    return reader.wish(2, "k", reader.clean(2, {"id": "1", **cells})).values


@pytest.mark.parametrize(
    ("source", "cell", "value"),
    [
        ("x", "as it is", "as it is"),
        ({"column": "x", "date": "%m/%d/%Y"}, "3/1/2017", "2017-03-01"),
        ({"column": "x", "date": "%d.%m.%Y"}, "", ""),
        ({"column": "x", "multiply": "1000000"}, "1100.04", "1100040000.00"),
        ({"column": "x", "multiply": "0.01"}, "1,234", "12.34"),
        ({"column": "x", "values": {"W": "won"}}, "W", "won"),
        ({"column": "x", "values": {"W": "won"}}, "L", "L"),
        ({"constant": "fixed"}, "anything", "fixed"),
        ({"templates": ["{id}: {x}", "{id} alone"]}, "y", "1: y"),
        ({"templates": ["{id}: {x}", "{id} alone"]}, "", "1 alone"),
    ],
)
def test_a_source_makes_a_value_of_a_cell(source: Any, cell: str, value: str) -> None:
    assert values({"field": source}, {"x": cell}) == {"field": value}


def test_an_empty_cell_may_be_left_to_the_default() -> None:
    assert values({"field": {"column": "x", "skip_empty": True}}, {"x": ""}) == {}


@pytest.mark.parametrize(
    ("source", "cell", "reason"),
    [
        ({"column": "x", "date": "%m/%d/%Y"}, "31/12/2017", "'31/12/2017' is not a date such as 01/31/2026."),
        ({"column": "x", "multiply": "2"}, "many", "'many' is not a number."),
    ],
)
def test_a_cell_that_does_not_fit_breaks_its_line(source: Any, cell: str, reason: str) -> None:
    with pytest.raises(BrokenLine) as broken:
        values({"field": source}, {"x": cell})
    assert (str(broken.value), broken.value.column) == (reason, "x")


def test_known_mistakes_are_corrected_before_anything_uses_them_and_reported() -> None:
    report = FileReport("f.csv")
    reader = LineReader(
        mapping({"a": "x", "b": {"templates": ["<{x}>"]}}, corrections={"x": {"Gren": "Green"}}), report
    )
    cells = reader.clean(7, {"id": "1", "x": " Gren "})
    assert reader.wish(7, "k", cells).values == {"a": "Green", "b": "<Green>"}
    assert [str(remark) for remark in report.remarks] == ["x: ' Gren ' → 'Gren'", "x: Gren → Green"]


def test_keys_are_compared_without_case_and_however_accents_are_written() -> None:
    reader = LineReader(mapping({"a": "id"}), FileReport("f.csv"))
    assert reader.key({"id": "CAF\u00c9"}) == reader.key({"id": "cafe\u0301"})


def test_an_empty_key_breaks_the_line() -> None:
    reader = LineReader(mapping({"a": "id"}), FileReport("f.csv"))
    with pytest.raises(BrokenLine, match="'id' is empty"):
        reader.key({"id": " "})


def wish(line: int, name: str, parent: str = "") -> Wish:
    return Wish(line, name.casefold(), {"name": name, "parent": parent})


def test_what_is_pointed_at_comes_first_at_any_depth() -> None:
    wishes = [wish(2, "C", "b"), wish(3, "B", "A"), wish(4, "A"), wish(5, "D", "Elsewhere")]
    report = FileReport("f.csv")
    levels = [[each.line for each in level] for level in parents_first(wishes, ["parent"], "name", report)]
    assert levels == [[4, 5], [3], [2]]
    assert report.remarks == []


def test_a_circle_is_refused_and_what_hangs_on_it_too() -> None:
    wishes = [wish(2, "A", "B"), wish(3, "B", "A"), wish(4, "C", "A"), wish(5, "D", "D"), wish(6, "E")]
    report = FileReport("f.csv")
    levels = [[each.line for each in level] for level in parents_first(wishes, ["parent"], "name", report)]
    assert levels == [[6]]
    assert [remark.line for remark in report.remarks] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Mei-Mei Johns", "mei-mei.johns@example.com"),
        ("José Núñez", "jose.nunez@example.com"),
        ("O'Brien, Pat", "o.brien.pat@example.com"),
    ],
)
def test_names_become_addresses(name: str, expected: str) -> None:
    assert address("{who}@example.com", {"who": name}) == expected


def test_an_address_in_a_column_stays_one() -> None:
    assert address("{mail}", {"mail": "Ann@Example.org"}) == "ann@example.org"


@pytest.mark.parametrize(
    "body",
    [
        {"fields": {"a": {"column": "x", "constant": "y"}}, "object": "thing"},
        {"fields": {"a": {}}, "object": "thing"},
        {"fields": {"a": "x"}},
        {"object": "thing"},
        {"fields": {"a": "x"}, "object": "thing", "people": {"name": "{x}", "email": "{x}"}},
        {"fields": {"a": "x"}, "object": "thing", "encoding": "klingon"},
        {"fields": {"a": "x"}, "object": "thing", "file": "../f.csv"},
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(body: dict[str, Any]) -> None:
    file = {"file": "f.csv", "key": ["id"], **body}
    with pytest.raises(ValidationError):
        ImportMapping.model_validate({"name": "m", "label": "M", "files": [file]})
