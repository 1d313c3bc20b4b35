"""What the designer does to the tree of an automation, without a database."""

from typing import Any

import pytest
from pydantic import BaseModel

from crm_app.automation import tree_edits
from crm_app.automation.slots import lanes_of, lots_of, shapes_of
from crm_app.automation.tree_edits import Spot
from crm_app.definitions.automation import Step
from crm_app.kernel.errors import Invalid, NotFound


class _Case(BaseModel):
    when: str
    steps: tuple[Step, ...] = ()


class _Config(BaseModel):
    cases: tuple[_Case, ...] = ()
    branches: tuple[tuple[Step, ...], ...] = ()
    otherwise: tuple[Step, ...] | None = None
    label: str = ""


def _step(name: str, type_name: str = "update", **more: Any) -> dict[str, Any]:
    return {"id": name, "type": type_name, **more}


def _flat(*names: str) -> dict[str, Any]:
    return {"name": "one", "steps": [_step(name) for name in names]}


def _ids(body: dict[str, Any]) -> list[str]:
    return [found.step["id"] for found in tree_edits.walk(body)]


def test_slots_are_read_off_a_config_model() -> None:
    assert shapes_of(_Config) == (("cases", "*", "steps"), ("branches", "*"), ("otherwise",))
    assert lots_of(_Config) == {"cases": _Case}


def test_a_step_goes_before_another_and_beyond_the_end() -> None:
    body = _flat("a", "b", "c")
    assert _ids(tree_edits.moved(body, "c", Spot("", "steps", 0))) == ["c", "a", "b"]
    assert _ids(tree_edits.moved(body, "a", Spot("", "steps", 2))) == ["b", "a", "c"]
    assert _ids(tree_edits.moved(body, "a", Spot("", "steps", 99))) == ["b", "c", "a"]
    assert _ids(body) == ["a", "b", "c"]


def test_a_copy_gets_free_ids_and_speaks_of_itself() -> None:
    body = _flat("a", "b")
    steps = [_step("a", "create", values={}), _step("next", record="steps.a.id", values={"x": "steps.other.id"})]
    after, made = tree_edits.pasted(body, Spot("", "steps", 2), steps)
    assert made == ["a_2", "next"]
    assert after["steps"][3]["record"] == "steps.a_2.id"
    assert after["steps"][3]["values"] == {"x": "steps.other.id"}


def test_renaming_a_step_carries_what_speaks_of_it() -> None:
    body = {"steps": [_step("a"), _step("b", record="steps.a.id", note="steps.ab.id")]}
    after = tree_edits.renamed(body, "a", "first")
    assert after["steps"][1]["record"] == "steps.first.id"
    assert after["steps"][1]["note"] == "steps.ab.id"
    with pytest.raises(Invalid, match="Another step"):
        tree_edits.renamed(body, "a", "b")


def test_what_is_not_there_is_not_found() -> None:
    body = _flat("a")
    with pytest.raises(NotFound):
        tree_edits.removed(body, "z")
    with pytest.raises(NotFound):
        tree_edits.inserted(body, Spot("a", "cases/0/steps", 0), [_step("b")])
    with pytest.raises(NotFound):
        tree_edits.inserted(body, Spot("", "trigger", 0), [_step("b")])


def test_a_step_of_an_unknown_type_has_no_lanes() -> None:
    assert lanes_of(_step("a", "nobody_knows", steps=[_step("b")])) == []
