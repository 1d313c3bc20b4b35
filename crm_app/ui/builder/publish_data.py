"""What publishing the draft would do."""

from typing import TypedDict

from crm_app.definitions.diff import Change
from crm_app.services import drafts
from crm_app.ui.builder.builder_data import Scene

_SIGNS = {"add": "+", "change": "~", "archive": "-"}


class PlanLine(TypedDict):
    sign: str
    kind: str
    path: str
    is_destructive: bool


class PublishData(TypedDict):
    """`theirs` is what others published meanwhile in the same definitions."""

    lines: list[PlanLine]
    theirs: list[PlanLine]
    can_publish: bool


NO_PUBLISH = PublishData(lines=[], theirs=[], can_publish=False)


def publish_data(scene: Scene) -> PublishData:
    theirs = drafts.published_meanwhile(scene.work, scene.draft)
    lines = [_line(change) for change in drafts.draft_plan(scene.work, scene.draft)]
    return PublishData(
        lines=lines,
        theirs=[_line(change) for change in theirs],
        can_publish=bool(lines) and not theirs and not scene.problems,
    )


def _line(change: Change) -> PlanLine:
    return PlanLine(
        sign=_SIGNS.get(change.kind, "~"), kind=change.kind, path=change.path, is_destructive=change.is_destructive
    )
