"""The definition as the JSON that it is, and where in a text something is wrong with it."""

import json
from collections.abc import Sequence
from typing import Any, TypedDict

from crm_app.kernel.errors import Problem
from crm_app.kernel.json_lines import line_of
from crm_app.kernel.strict_json import BadJson, loads
from crm_app.services import drafts
from crm_app.ui.builder.builder_data import Scene


class JsonProblem(TypedDict):
    line: str
    path: str
    message: str


def json_text(scene: Scene) -> str:
    return json.dumps(drafts.body_of(scene.work, scene.draft, scene.key), indent=2, ensure_ascii=False)


def read_json(text: str) -> tuple[Any, list[JsonProblem]]:
    """The value, or why there is none: the sentence says line and column."""
    try:
        return loads(text), []
    except BadJson as error:
        return None, [JsonProblem(line="", path="", message=error.message)]


def placed(text: str, key: str, problems: Sequence[Problem]) -> list[JsonProblem]:
    """Each with the line of the text that it is about."""
    return [
        JsonProblem(line=f"Line {line_of(text, _parts(problem, key))}", path=problem.path, message=problem.message)
        for problem in problems
    ]


def _parts(problem: Problem, key: str) -> list[str]:
    inside = problem.path.startswith(f"{key}/")
    return problem.path.removeprefix(f"{key}/").split("/") if inside else []
