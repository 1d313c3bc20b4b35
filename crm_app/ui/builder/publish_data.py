"""What publishing the draft would do."""

from typing import TypedDict

from crm_app.definitions.diff import Change
from crm_app.kernel.errors import TrellisError
from crm_app.services import drafts
from crm_app.ui.builder.builder_data import Scene

_SIGNS = {"add": "+", "change": "~", "archive": "-"}


class PlanLine(TypedDict):
    """`count` says how many records hold what would no longer be seen; `notes` what else is to be known."""

    sign: str
    kind: str
    path: str
    was: str
    count: str
    notes: str
    is_destructive: bool


class PublishData(TypedDict):
    """`theirs` is what others published meanwhile in the same definitions; `refusal` why there is no plan."""

    lines: list[PlanLine]
    theirs: list[PlanLine]
    refusal: str
    can_publish: bool


NO_PUBLISH = PublishData(lines=[], theirs=[], refusal="", can_publish=False)


def publish_data(scene: Scene) -> PublishData:
    theirs = drafts.published_meanwhile(scene.work, scene.draft)
    refusal = ""
    lines: list[PlanLine] = []
    try:
        lines = [_line(change) for change in drafts.draft_plan(scene.work, scene.draft)]
    except TrellisError as refused:
        refusal = " ".join(problem.message for problem in refused.problems) or refused.message
    return PublishData(
        lines=lines,
        theirs=[_line(change) for change in theirs],
        refusal=refusal,
        can_publish=bool(lines) and not theirs and not scene.problems,
    )


def _line(change: Change) -> PlanLine:
    return PlanLine(
        sign=_SIGNS.get(change.kind, "~"),
        kind=change.kind,
        path=change.path,
        was=change.was,
        count="" if change.records is None else f"{change.records:,} records hold something there",
        notes=" ".join(change.notes),
        is_destructive=change.is_destructive,
    )
