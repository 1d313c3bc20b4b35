"""Every version of an automation that was published, and two of them side by side."""

from typing import Any, TypedDict

from crm_app.automation.comparing import Difference, compared
from crm_app.automation.drafting import Scene
from crm_app.automation.history import Version, versions_of
from crm_app.ui.inputs import Choice

DRAFT = 0


class VersionLine(TypedDict):
    number: int
    label: str
    note: str


class DifferenceLine(TypedDict):
    """One row of the comparison; `state` is added, removed, changed, moved or same. `says` are what changed in it."""

    key: str
    indent: int
    state: str
    before: str
    after: str
    says: list[str]


class Versions(TypedDict):
    """`before` and `after` are those that are compared; 0 is the draft."""

    lines: list[VersionLine]
    choices: list[Choice]
    before: str
    after: str
    rows: list[DifferenceLine]
    summary: str


NO_VERSIONS = Versions(lines=[], choices=[], before="", after="", rows=[], summary="")


def versions_data(scene: Scene, before: int, after: int) -> Versions:
    found = versions_of(scene.work, scene.definition.name)
    numbers = {each.number for each in found}
    bodies: dict[int, dict[str, Any]] = {DRAFT: scene.body, **{each.number: each.body for each in found}}
    old = before if before in numbers else (found[0].number if found else DRAFT)
    new = after if after in numbers else DRAFT
    rows = [_row(each) for each in compared(bodies[old], bodies[new])]
    changed = sum(row["state"] != "same" for row in rows)
    summary = "These two are the same." if not changed else f"{changed} differ." if changed > 1 else "1 differs."
    return Versions(
        lines=[_line(each) for each in found],
        choices=[_choice(DRAFT, "The draft"), *(_choice(each.number, _named(each)) for each in found)],
        before=str(old),
        after=str(new),
        rows=rows,
        summary=summary,
    )


def _named(version: Version) -> str:
    return f"Version {version.number}, {version.at:%d %b %Y %H:%M}"


def _line(version: Version) -> VersionLine:
    by = f" by {version.by}" if version.by else ""
    note = "Live" if version.is_live else ""
    return VersionLine(number=version.number, label=f"{_named(version)}{by}", note=note)


def _choice(number: int, label: str) -> Choice:
    return Choice(value=str(number), label=label, id=f"version-{number}", is_chosen=False)


def _row(found: Difference) -> DifferenceLine:
    return DifferenceLine(
        key=found.key,
        indent=found.depth,
        state=found.state,
        before=found.before,
        after=found.after,
        says=list(found.says),
    )
