"""Every step of every kind's format has a definition before and after it, in `upgrades/KIND_vN.json`."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from crm_app.definitions import upgrade
from crm_app.definitions.load import BadDefinition, load_definition
from crm_app.definitions.package import KINDS
from crm_app.definitions.upgrade import UPGRADES, current_format, upgraded
from crm_app.definitions.view import ViewDefinition

FOLDER = Path(__file__).with_name("upgrades")


def golden(kind: str, version: int) -> dict[str, Any]:
    return json.loads((FOLDER / f"{kind}_v{version}.json").read_text(encoding="utf-8"))


def test_every_step_makes_what_its_golden_file_says_and_changes_nothing_in_place() -> None:
    for kind, steps in UPGRADES.items():
        assert list(steps) == list(range(1, len(steps) + 1)), kind
        for version, step in steps.items():
            before = golden(kind, version)
            kept = copy.deepcopy(before)
            assert {**step(before), "format_version": version + 1} == golden(kind, version + 1), (kind, version)
            assert before == kept, (kind, version)


def test_every_old_golden_file_can_still_be_read() -> None:
    for path in FOLDER.glob("*.json"):
        kind = path.stem.rpartition("_v")[0]
        body = json.loads(path.read_text(encoding="utf-8"))
        assert load_definition(KINDS[kind], body).format_version == current_format(kind), path.name


def test_a_new_definition_is_written_in_the_newest_format() -> None:
    for kind, model in KINDS.items():
        assert model.model_fields["format_version"].default == current_format(kind), kind


def test_the_steps_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = {
        1: lambda body: {**body, "trail": "1"},
        2: lambda body: {**body, "trail": body["trail"] + "2"},
    }
    monkeypatch.setattr(upgrade, "UPGRADES", {"views": steps})
    assert upgraded("views", {"name": "x"}) == {"name": "x", "trail": "12", "format_version": 3}
    assert upgraded("views", {"format_version": 3, "trail": "x"}) == {"format_version": 3, "trail": "x"}


@pytest.mark.parametrize("version", [0, 99, "1", True, None])
def test_a_format_of_the_future_is_a_sentence(version: object) -> None:
    body = {"format_version": version, "name": "x", "label": "X", "object": "deal"}
    with pytest.raises(BadDefinition, match="is not one that this version of Trellis reads"):
        load_definition(ViewDefinition, body, "views/x.json")


def nested(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


def test_a_definition_ten_thousand_deep_or_inside_itself_is_a_clean_error() -> None:
    body: dict[str, Any] = {"format_version": 1, "name": "x", "label": "X", "object": "deal"}
    with pytest.raises(BadDefinition, match="nested deeper"):
        load_definition(ViewDefinition, {**body, "fields": nested(10_000)})
    body["itself"] = [body, body]
    with pytest.raises(BadDefinition, match="nested deeper"):
        load_definition(ViewDefinition, body)
