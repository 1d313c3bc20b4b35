"""What editors and other programs read of the definitions is what the product checks."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.exceptions import Unresolvable

from crm_app.automation.catalog import STEP_TYPES, TRIGGER_TYPES
from crm_app.automation.json_schema import schema_texts
from crm_app.automation.step_type import StepType
from crm_app.automation.trigger_type import TriggerType
from crm_app.definitions.load import BadDefinition, load_definition
from crm_app.definitions.published_schemas import FOLDER, file_of, published
from crm_app.definitions.view import ViewDefinition

PACKAGES = FOLDER.parent / "packages"


@pytest.mark.parametrize("name", sorted(published()))
def test_the_file_is_what_the_model_says(name: str) -> None:
    assert file_of(name).read_text(encoding="utf-8") == schema_texts()[name], "Run: ./trellis schemas"


def _automation(*steps: dict[str, Any], **trigger: Any) -> dict[str, Any]:
    trigger = {"type": "record.created", "object": "deal", **trigger}
    return {"format_version": 1, "name": "it", "label": "It", "trigger": trigger, "steps": list(steps)}


def _within(step: dict[str, Any]) -> dict[str, Any]:
    branch = {"id": "which", "type": "branch", "cases": [{"when": "true", "steps": [step]}], "else": []}
    return {"id": "safe", "type": "try", "steps": [], "catch": [branch]}


def _wrong(body: dict[str, Any]) -> list[str]:
    schema = json.loads(file_of("automation").read_text(encoding="utf-8"))
    errors = Draft202012Validator(schema, registry=Registry()).iter_errors(body)  # pyright: ignore[reportUnknownMemberType]
    return ["/".join(map(str, error.absolute_path)) for error in cast("Iterable[Any]", errors)]


@pytest.mark.parametrize(
    ("step", "where"),
    [
        ({"id": "end", "type": "stop"}, []),
        ({"id": "end", "type": "stopp"}, ["type"]),
        ({"id": "end", "type": "stop", "why": "so"}, [""]),
        ({"id": "no", "type": "fail"}, [""]),
        ({"id": "all", "type": "for_each", "over": "steps.x.records", "concurrency": 11}, ["concurrency"]),
        ({"id": "end", "type": "stop", "compensate": [{"id": "undo"}]}, ["compensate/0"]),
    ],
    ids=["right", "unknown", "surplus", "missing", "too_large", "undoing"],
)
def test_the_schema_alone_finds_a_wrong_step_however_deep(step: dict[str, Any], where: list[str]) -> None:
    place = "steps/0/catch/0/cases/0/steps/0"
    found = sorted(set(_wrong(_automation(_within(step)))))
    assert found == sorted(f"{place}/{each}".rstrip("/") for each in where)


def test_the_schema_alone_finds_a_wrong_trigger() -> None:
    assert _wrong(_automation(type="record.craeted")) == ["trigger/type"]
    assert _wrong(_automation(type="schedule")) == ["trigger"]


@pytest.mark.parametrize("kind", [*STEP_TYPES, *TRIGGER_TYPES], ids=lambda kind: kind.name)
def test_every_example_fits_the_schema(kind: StepType | TriggerType) -> None:
    for example in kind.examples:
        body = _automation(example) if isinstance(kind, StepType) else _automation(**example)
        assert _wrong(body) == []


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
