"""What publishing the draft would do."""

import json
from collections.abc import Sequence
from typing import Any, TypedDict

from crm_app.automation.plans import PLANS
from crm_app.definitions import merge
from crm_app.definitions.diff import Change
from crm_app.definitions.model import Definition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import TrellisError
from crm_app.services import drafts
from crm_app.services.place_words import place_words
from crm_app.ui.builder.builder_data import Scene
from crm_app.ui.clashes import Clash

MOST_SAID = 200
_SIGNS = {"add": "+", "change": "~", "archive": "-"}


class PlanLine(TypedDict):
    """`place` is what people call what stands at the path, `count` says how many records hold what would no longer be
    seen, `notes` what else is to be known, a sentence each.
    """

    sign: str
    kind: str
    place: str
    path: str
    was: str
    count: str
    notes: list[str]
    is_destructive: bool


class PublishData(TypedDict):
    """`theirs` is what others published meanwhile in the same definitions, `clashes` what of it is changed here too;
    `refusal` why there is no plan. `hidden` are the destructive lines, which are asked about again; `refused` counts
    the values that can't be converted.
    """

    lines: list[PlanLine]
    hidden: list[PlanLine]
    refused: int
    theirs: list[PlanLine]
    clashes: list[Clash]
    refusal: str
    can_publish: bool


NO_PUBLISH = PublishData(lines=[], hidden=[], refused=0, theirs=[], clashes=[], refusal="", can_publish=False)


def publish_data(scene: Scene) -> PublishData:
    theirs = drafts.published_meanwhile(scene.work, scene.draft)
    refusal = ""
    changes: Sequence[Change] = ()
    try:
        changes = drafts.draft_plan(scene.work, scene.draft, PLANS)
    except TrellisError as refused:
        refusal = " ".join(problem.message for problem in refused.problems) or refused.message
    after, live = drafts.drafted(scene.work, scene.draft), scene.work.schema.stored
    lines = [plan_line(after, change) for change in changes]
    return PublishData(
        lines=lines,
        hidden=[line for line in lines if line["is_destructive"]],
        refused=sum(change.refused for change in changes),
        theirs=[plan_line(live, change) for change in theirs],
        clashes=[_clash(each) for each in drafts.clashes(scene.work, scene.draft)] if theirs else [],
        refusal=refusal,
        can_publish=bool(lines) and not theirs and not scene.problems,
    )


def plan_line(package: Package, change: Change) -> PlanLine:
    return PlanLine(
        sign=_SIGNS.get(change.kind, "~"),
        kind=change.kind,
        place=place_words(package, change.path),
        path=change.path,
        was=change.was,
        count="" if change.records is None else _records(change.records),
        notes=list(change.notes),
        is_destructive=change.is_destructive,
    )


def _clash(clash: merge.Clash) -> Clash:
    return Clash(
        field=clash.path,
        label=clash.path,
        yours=_said(clash.yours),
        theirs=_said(clash.theirs),
        original=_said(clash.base),
    )


def _said(value: Any) -> str:
    """A setting's value, as it stands in the JSON; of a long one what it begins with."""
    if value is None:
        return "nothing"
    if isinstance(value, Definition):
        return f"{value.label} as a whole"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_SAID else f"{text[:MOST_SAID]}…"


def _records(count: int) -> str:
    return "1 record holds something there" if count == 1 else f"{count:,} records hold something there"
