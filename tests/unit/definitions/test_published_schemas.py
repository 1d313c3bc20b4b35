"""What editors and other programs read of the definitions is what the product checks."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.exceptions import Unresolvable

from crm_app.definitions.load import BadDefinition, load_definition
from crm_app.definitions.published_schemas import FOLDER, file_of, published, text_of
from crm_app.definitions.view import ViewDefinition

PACKAGES = FOLDER.parent / "packages"


@pytest.mark.parametrize("name", sorted(published()))
def test_the_file_is_what_the_model_says(name: str) -> None:
    assert file_of(name).read_text(encoding="utf-8") == text_of(published()[name]), "Run: ./trellis schemas"


def test_no_schema_is_left_over() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {file_of(name).name for name in published()}


@pytest.mark.parametrize("path", sorted(PACKAGES.rglob("*.json")), ids=lambda path: str(path.relative_to(PACKAGES)))
def test_every_shipped_file_names_its_schema_and_fits_it(path: Path) -> None:
    body = json.loads(path.read_text(encoding="utf-8"))
    schema = json.loads((path.parent / body["$schema"]).resolve().read_text(encoding="utf-8"))
    assert list(Draft202012Validator(schema, registry=Registry()).iter_errors(body)) == []


@pytest.mark.parametrize(
    "reference", ["file:///etc/passwd", "http://127.0.0.1:9/schema.json", "#/nowhere", "other.json"]
)
def test_no_reference_is_followed_out_of_a_schema(reference: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("something was opened")

    for place in ("socket.socket.connect", "urllib.request.urlopen", "pathlib.Path.open"):
        monkeypatch.setattr(place, opened)
    body = {"$schema": reference, "$ref": reference, "$id": reference, "name": "x", "label": "X", "object": "deal"}
    with pytest.raises(BadDefinition, match="Additional properties"):
        load_definition(ViewDefinition, body)
    with pytest.raises(Unresolvable):
        list(Draft202012Validator({"$ref": reference}, registry=Registry()).iter_errors({}))
