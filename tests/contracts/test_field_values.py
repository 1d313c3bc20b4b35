"""A value comes in by form, API or CSV file and comes back as it was, or is refused with a sentence. For every type."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.catalog import FIELD_TYPES
from crm_app.fields.field_type import FieldType, FieldValueError
from crm_app.kernel.errors import Invalid
from crm_app.kernel.events import RecordRef
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services.lists import list_records
from crm_app.services.record_query import Condition, Record, RecordQuery, Sort
from tests.contracts.naughty import BROKEN, STRINGS
from tests.contracts.surfaces import Refused, Surfaces, cell_of, name_of
from tests.databases import database

ALL = [pytest.param(kind, id=kind.name) for kind in FIELD_TYPES]
GIVEN = [pytest.param(kind, id=kind.name) for kind in FIELD_TYPES if not kind.is_generated]
# Only the id of a file that was sent before is taken: `tests/integration/test_files.py` sends some.
GIVEN_ALONE = [each for each in GIVEN if each.id != "file"]
VERBATIM = ("text", "long_text")
MAX_SENTENCE = 400
NEWEST = (Sort("created_at", descending=True),)


@pytest.fixture(scope="module")
def surfaces(postgres_server: EmbeddedPostgres) -> Iterator[Surfaces]:
    with database(postgres_server) as url:
        found = Surfaces(url)
        yield found
        found.close()


def require_sentence(message: str) -> None:
    assert message.endswith("."), message
    assert len(message) <= MAX_SENTENCE, message
    assert "Traceback" not in message


def attempted(save: Callable[[], Any]) -> Any:
    """What was saved; `Refused` where it was refused with a sentence."""
    try:
        return save()
    except Refused as refused:
        require_sentence(str(refused))
        return Refused


def typed(definition: FieldDefinition, text: Any) -> dict[str, Any]:
    """The text in every input that the field has."""
    parts = definition.field_type.parts
    return {f"{definition.name}::{part.name}": text for part in parts} if parts else {definition.name: text}


def value_of(record: Record, kind: FieldType) -> Any:
    return record.values[name_of(kind)]


@pytest.mark.parametrize("kind", GIVEN_ALONE)
def test_every_example_comes_back_from_the_api(surfaces: Surfaces, kind: FieldType) -> None:
    definition = surfaces.definition(kind)
    for raw in kind.examples:
        assert surfaces.by_api(kind, raw) == definition.dump(definition.parse(raw))


@pytest.mark.parametrize("kind", GIVEN_ALONE)
def test_every_example_stays_as_it_is_when_its_form_is_saved(surfaces: Surfaces, kind: FieldType) -> None:
    for raw in kind.examples:
        record = surfaces.crm.create("thing", name="x", **{name_of(kind): raw})
        again = surfaces.saved_again(record.ref)
        assert (value_of(again, kind), again.version) == (value_of(record, kind), record.version)


@pytest.mark.parametrize("kind", GIVEN_ALONE)
def test_every_example_comes_back_from_a_csv_file(surfaces: Surfaces, kind: FieldType, tmp_path: Path) -> None:
    definition = surfaces.definition(kind)
    wanted = {f"key {kind.name} {n}": definition.parse(raw) for n, raw in enumerate(kind.examples)}
    cells = {key: cell_of(definition, value) for key, value in wanted.items()}
    saved, refused = surfaces.by_csv(kind, cells, tmp_path)
    assert (saved, refused) == (wanted, [])


@pytest.mark.parametrize("kind", ALL)
def test_hostile_values_are_refused_by_the_api_with_a_sentence(surfaces: Surfaces, kind: FieldType) -> None:
    for raw in kind.hostile:
        assert attempted(lambda raw=raw: surfaces.by_api(kind, raw)) is Refused, raw


@pytest.mark.parametrize("kind", GIVEN)
def test_naughty_texts_come_back_from_the_api_or_are_refused(surfaces: Surfaces, kind: FieldType) -> None:
    definition = surfaces.definition(kind)
    for text in STRINGS:
        saved = attempted(lambda text=text: surfaces.by_api(kind, text))
        if saved is not Refused:
            assert saved == definition.dump(definition.parse(text))
            assert saved == text or kind.name not in VERBATIM


@pytest.mark.parametrize("kind", GIVEN)
def test_naughty_texts_come_back_from_a_form_or_are_refused(surfaces: Surfaces, kind: FieldType) -> None:
    definition = surfaces.definition(kind)
    for text in STRINGS:
        saved = attempted(lambda text=text: surfaces.by_form(kind, typed(definition, text)))
        if saved is not Refused:
            value = value_of(saved, kind)
            assert value == text or kind.name not in VERBATIM
            again = surfaces.saved_again(saved.ref)
            assert (value_of(again, kind), again.version) == (value, saved.version)


@pytest.mark.parametrize("kind", GIVEN)
def test_naughty_texts_come_back_from_a_csv_file_or_are_refused(
    surfaces: Surfaces, kind: FieldType, tmp_path: Path
) -> None:
    definition = surfaces.definition(kind)
    cells = {f"key naughty {kind.name} {n}": text for n, text in enumerate(STRINGS)}
    saved, refused = surfaces.by_csv(kind, cells, tmp_path)
    for sentence in refused:
        require_sentence(sentence)
    assert len(saved) + len(refused) == len(cells)
    for key, value in saved.items():
        assert value == definition.parse(cells[key])


@pytest.mark.parametrize("kind", ALL)
def test_broken_text_is_refused_everywhere(surfaces: Surfaces, kind: FieldType) -> None:
    definition = surfaces.definition(kind)
    for text in BROKEN:
        with pytest.raises(FieldValueError):
            definition.parse(text)
        assert attempted(lambda text=text: surfaces.by_api(kind, text)) is Refused
        if kind.widget not in ("boolean", "multi_select") and not kind.is_generated:
            assert attempted(lambda text=text: surfaces.by_form(kind, typed(definition, text))) is Refused


@pytest.mark.parametrize("kind", ALL)
def test_a_type_names_and_describes_its_settings(kind: FieldType) -> None:
    schema = kind.config.model_json_schema()
    for model in (schema, *schema.get("$defs", {}).values()):
        for name, setting in model.get("properties", {}).items():
            assert setting.get("description", "").endswith("."), f"{kind.name}.{name}"
            assert setting.get("title", "") not in ("", name)


@pytest.mark.parametrize("instant", ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-03-29T01:00:00.000001Z"])
def test_an_hour_that_comes_twice_stays_the_one_it_is(surfaces: Surfaces, instant: str) -> None:
    record = surfaces.crm.create("thing", name="x", f_datetime=instant)
    again = surfaces.saved_again(record.ref)
    assert (again.values["f_datetime"], again.version) == (datetime.fromisoformat(instant), 1)


def test_a_time_that_clocks_skip_is_refused_and_one_that_comes_twice_is_the_first(surfaces: Surfaces) -> None:
    kind = FIELD_TYPES.get("datetime")
    with pytest.raises(Refused, match=r"skip that time"):
        surfaces.by_form(kind, {"f_datetime": "2026-03-29T02:30"})
    saved = surfaces.by_form(kind, {"f_datetime": "2026-10-25T02:30"})
    assert saved.values["f_datetime"] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_nothing_sets_what_the_product_gives(surfaces: Surfaces) -> None:
    with pytest.raises(Invalid):
        surfaces.crm.create("thing", name="x", f_auto_number="1")
    assert attempted(lambda: surfaces.by_api(FIELD_TYPES.get("auto_number"), "1")) is Refused


@pytest.mark.parametrize("kind", GIVEN_ALONE)
def test_every_filter_of_a_type_takes_its_examples(surfaces: Surfaces, kind: FieldType) -> None:
    definition = surfaces.definition(kind)
    saved = surfaces.crm.create("thing", name="filtered", **{name_of(kind): kind.examples[0]})
    value = value_of(saved, kind)
    for operator in kind.operators:
        is_about_words = operator in ("contains", "starts_with", "ends_with")
        wanted = definition.text(value) if is_about_words else definition.edit(value)
        query = RecordQuery("thing", (Condition(name_of(kind), operator, wanted),), sort=NEWEST, limit=50)
        with surfaces.crm.work(surfaces.actor) as work:
            found = {record.ref for record in list_records(work, query).records}
        if operator in ("eq", "le", "ge", "in", "contains", "starts_with", "ends_with", "is_not_empty"):
            assert saved.ref in found, operator
        if operator in ("ne", "lt", "gt", "not_in", "is_empty"):
            assert saved.ref not in found, operator


@pytest.mark.parametrize("kind", [each for each in GIVEN_ALONE if FIELD_TYPES.get(str(each.id)).is_sortable])
@pytest.mark.parametrize("descending", [True, False])
def test_a_list_sorted_by_a_type_gives_every_record_once(
    surfaces: Surfaces, kind: FieldType, *, descending: bool
) -> None:
    name = f"sorted {kind.name} {descending}"
    made = [surfaces.crm.create("thing", name=name, **{name_of(kind): raw}).ref for raw in kind.examples]
    made.append(surfaces.crm.create("thing", name=name).ref)
    order = (Sort(name_of(kind), descending=descending),)
    found: list[RecordRef] = []
    cursor = ""
    while cursor or not found:
        query = RecordQuery("thing", (Condition("name", "eq", name),), sort=order, limit=1, cursor=cursor)
        with surfaces.crm.work(surfaces.actor) as work:
            page = list_records(work, query)
        found += [record.ref for record in page.records]
        cursor = page.next_cursor
    assert sorted(found, key=str) == sorted(made, key=str)
    assert found[-1] == made[-1]
