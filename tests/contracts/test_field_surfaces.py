"""Form, API, import, export and back, for every field type: each example, each hostile one and each value at the edge
of what can be held comes through all of them as it is, or is refused by all of them with a sentence.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.catalog import FIELD_TYPES
from crm_app.fields.field_type import FieldType, FieldValueError, is_blank
from crm_app.runtime.postgres import EmbeddedPostgres
from tests.contracts.boundaries import boundaries_of
from tests.contracts.naughty import STRINGS
from tests.contracts.surfaces import Refused, Surfaces, name_of
from tests.contracts.test_field_types import field_of
from tests.contracts.test_field_values import GIVEN_ALONE, attempted, require_sentence, typed, value_of
from tests.databases import database

# Their forms offer a closed choice, so that a text typed into them means something else.
CHOSEN = ("boolean", "multi_select")
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BOUNDED = [
    pytest.param(kind, id=kind.name)
    for kind in FIELD_TYPES
    if not kind.is_generated and boundaries_of(field_of(kind).rule_type.kind)
]


@pytest.fixture(scope="module")
def surfaces(postgres_server: EmbeddedPostgres) -> Iterator[Surfaces]:
    with database(postgres_server) as url:
        found = Surfaces(url)
        yield found
        found.close()


def read(definition: FieldDefinition, raw: Any) -> Any:
    """The value, or `Refused`."""
    try:
        return definition.parse(raw)
    except FieldValueError as refusal:
        require_sentence(str(refusal))
        return Refused


@pytest.mark.parametrize("kind", GIVEN_ALONE)
def test_every_example_comes_in_by_a_form_that_holds_it(surfaces: Surfaces, kind: FieldType) -> None:
    for raw in kind.examples:
        record = surfaces.crm.create("thing", name="x", **{name_of(kind): raw})
        assert value_of(surfaces.typed_again(kind, record.ref), kind) == value_of(record, kind), raw


@pytest.mark.parametrize("kind", GIVEN_ALONE)
def test_hostile_texts_are_refused_by_form_and_import_as_well(
    surfaces: Surfaces, kind: FieldType, tmp_path: Path
) -> None:
    definition = surfaces.definition(kind)
    texts = [raw for raw in kind.hostile if isinstance(raw, str) and not is_blank(raw)]
    if kind.name == "datetime":
        texts.remove("2026-01-31T09:00")  # a person's own clock is meant, which the API can't know
    for text in texts if kind.name not in CHOSEN and not kind.parts else ():
        assert attempted(lambda text=text: surfaces.by_form(kind, typed(definition, text))) is Refused, text
    cells = {f"key hostile {kind.name} {n}": text for n, text in enumerate(texts) if "\x00" not in text}
    cells = {key: text for key, text in cells.items() if not any("\ud800" <= char <= "\udfff" for char in text)}
    if definition.targets:
        return  # a file says names, and any text may be one
    saved, refused = surfaces.by_csv(kind, cells, tmp_path)
    assert (saved, len(refused)) == ({}, len(cells))
    for sentence in refused:
        require_sentence(sentence)


@pytest.mark.parametrize("kind", BOUNDED)
def test_values_at_the_edge_are_the_same_by_api_form_and_import(
    surfaces: Surfaces, kind: FieldType, tmp_path: Path
) -> None:
    """One value or a refusal; but text without a zone is the reader's in a form and a file, and none for the API."""
    definition = surfaces.definition(kind)
    texts = boundaries_of(definition.rule_type.kind)
    cells = {f"key edge {kind.name} {n}": text for n, text in enumerate(texts)}
    imported, refused = surfaces.by_csv(kind, cells, tmp_path)
    assert len(imported) + len(refused) == len(cells)
    for key, text in cells.items():
        wanted = read(definition, text)
        answered = attempted(lambda text=text: surfaces.by_api(kind, text))
        assert answered == (Refused if wanted is Refused else definition.dump(wanted)), text
        saved = attempted(lambda text=text: surfaces.by_form(kind, typed(definition, text)))
        given: Any = Refused
        if saved is not Refused:
            given = value_of(saved, kind)
            again = surfaces.saved_again(saved.ref)
            assert (value_of(again, kind), again.version) == (given, saved.version), text
        if kind.name != "datetime":
            assert (imported.get(key, Refused), given) == (wanted, wanted), text


@pytest.mark.parametrize("kind", GIVEN_ALONE)
def test_what_is_exported_is_no_formula_and_comes_back(surfaces: Surfaces, kind: FieldType, tmp_path: Path) -> None:
    definition = surfaces.definition(kind)
    edges = boundaries_of(definition.rule_type.kind)
    raws = [raw for raw in (*kind.examples, *STRINGS, *edges) if read(definition, raw) is not Refused]
    prefix = f"out {kind.name} "
    wanted: dict[str, Any] = {}
    for number, raw in enumerate(raws):
        name = f"{prefix}{number:03}"
        wanted[name] = value_of(surfaces.crm.create("thing", name=name, **{name_of(kind): raw}), kind)
    cells, values = surfaces.exported_and_back(kind, prefix, tmp_path)
    assert len(cells) == len(wanted)
    for cell in cells:
        is_number = kind.is_numeric and cell.removeprefix("-").replace(".", "", 1).isdigit()
        assert is_number or not cell.startswith(STARTS_A_FORMULA), cell
    assert values == {name: [value, value] for name, value in wanted.items()}
