"""The page that moves runs of earlier versions to the live one: of each whether it fits, and why not."""

from collections.abc import Sequence
from typing import TypedDict
from uuid import UUID

from crm_app.automation.moving import Movable, Verdict, movable, move
from crm_app.kernel.errors import Invalid
from crm_app.kernel.ids import parse_id
from crm_app.kernel.times import moment_text
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import record_path, run_path
from crm_app.ui.runs.run_words import state_words
from crm_app.ui.runs.runs_data import RunsAddress

PREFIX = "run-"
_SHOWN = 200
_MAX_NAME = 60


class MoveLine(TypedDict):
    """`name` is its tick box's; without one it can't be moved, and `reasons` say why."""

    key: str
    name: str
    href: str
    record: str
    record_href: str
    version: str
    state: str
    css: str
    at: str
    reasons: list[str]


class MovesShown(TypedDict):
    automation: str
    label: str
    title: str
    summary: str
    more: str
    runs_href: str
    fitting: int
    lines: list[MoveLine]


NO_MOVES = MovesShown(automation="", label="", title="", summary="", more="", runs_href="", fitting=0, lines=[])


def moves_data(work: UnitOfWork, automation: str) -> MovesShown:
    found = movable(work, automation[:_MAX_NAME])
    under_way = sum(found.by_version.values())
    fitting = sum(not each.reasons and each.status in ("pending", "started") for each in found.runs)
    return MovesShown(
        automation=found.automation,
        label=found.label,
        title=f"{found.label}: move runs to version {found.version}",
        summary=_summary(found, fitting, under_way),
        more=f"The first {_SHOWN} of {len(found.runs):,} are listed." if len(found.runs) > _SHOWN else "",
        runs_href=RunsAddress(automation=found.automation).path(),
        fitting=fitting,
        lines=[_line(work, each) for each in found.runs[:_SHOWN]],
    )


def moved(work: UnitOfWork, automation: str, names: Sequence[str] | None) -> tuple[str, MovesShown]:
    """What was done, in words. `names` are those of ticked boxes; without any, all under way that fit are moved."""
    wanted = None if names is None else _ids(names)
    done = move(work, automation[:_MAX_NAME], wanted)
    count = sum(each.moved for each in done)
    stayed = next((each.reasons[0] for each in done if each.reasons), "") if wanted is not None else ""
    gone = len(wanted) - len(done) if wanted is not None else 0
    said = [_counted(count, "moved"), stayed, f"{_counted(gone, 'ended')} meanwhile" if gone > 0 else ""]
    return " ".join(f"{each.rstrip('.')}." for each in said if each), moves_data(work, automation)


def _ids(names: Sequence[str]) -> list[UUID]:
    found = [parse_id(name.removeprefix(PREFIX)) for name in names if name.startswith(PREFIX)]
    known = [each for each in found if each is not None]
    if not known:
        raise Invalid("Choose the runs that are to be moved.")
    return known


def _counted(count: int, what: str) -> str:
    return f"1 run {what}" if count == 1 else f"{count:,} runs {what}"


def _summary(found: Movable, fitting: int, under_way: int) -> str:
    if not under_way:
        return f"No run under way is of an earlier version than {found.version}, which is live."
    parts = [f"{number:,} in version {version}" for version, number in found.by_version.items()]
    runs = "1 run is" if under_way == 1 else f"{under_way:,} runs are"
    fit = "It fits" if fitting == under_way == 1 else f"{fitting:,} of them fit{'s' if fitting == 1 else ''}"
    return f"{runs} under way: {', '.join(parts)}. {fit} version {found.version}, which is live."


def _line(work: UnitOfWork, each: Verdict) -> MoveLine:
    definition = work.catalog.by_name.get(each.ref.object)
    label, css = state_words(each.status)
    if each.status in ("pending", "started") and each.waits_at:
        label, css = f"Waits at “{each.waits_at}”", ""
    return MoveLine(
        key=str(each.run),
        name="" if each.reasons else f"{PREFIX}{each.run}",
        href=run_path(each.run),
        record=each.record_name or (definition.label if definition else each.ref.object),
        record_href=record_path(each.ref.object, each.ref.id) if each.record_name else "",
        version=str(each.version),
        state=label,
        css=css,
        at=moment_text(each.at, work.who.time_zone),
        reasons=list(each.reasons),
    )
