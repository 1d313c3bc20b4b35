from dataclasses import dataclass
from typing import TypedDict

from crm_app.services import indexes
from crm_app.services.indexes import IndexInfo, SlowListInfo, State
from crm_app.services.unit_of_work import UnitOfWork

_KINDS = {"list": "Lists", "search": "Search", "unique": "Unique"}
_STATES: dict[State, tuple[str, str]] = {
    "ready": ("Ready", "green"),
    "building": ("Building", "blue"),
    "waiting": ("Waiting to be built", "gray"),
    "failed": ("Failed", "red"),
    "leaving": ("To be dropped", "gray"),
}
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_KILO = 1024


class IndexLine(TypedDict):
    name: str
    fields: str
    kind: str
    reasons: list[str]
    state: str
    css: str
    problem: str
    size: str
    scans: str


class IndexGroup(TypedDict):
    object: str
    summary: str
    lines: list[IndexLine]


class SlowLine(TypedDict):
    key: str
    object: str
    filters: str
    sorts: str
    count: str
    median: str
    worst: str
    advice: str


@dataclass(frozen=True)
class IndexesData:
    groups: list[IndexGroup]
    slow: list[SlowLine]
    is_moving: bool


def indexes_data(work: UnitOfWork) -> IndexesData:
    """`is_moving`: an index is being built or waits for it, so that looking again will show something else."""
    found: dict[str, list[IndexInfo]] = {}
    for info in indexes.indexes(work):
        found.setdefault(info.object, []).append(info)
    groups = [
        IndexGroup(object=name, summary=_summary(infos), lines=[_line(info) for info in infos])
        for name, infos in found.items()
    ]
    moving = any(info.state in ("building", "waiting", "leaving") for infos in found.values() for info in infos)
    return IndexesData(groups, [_slow(each) for each in indexes.slow(work)], moving)


def _summary(infos: list[IndexInfo]) -> str:
    number = f"{len(infos)} indexes" if len(infos) != 1 else "1 index"
    return f"{number}, {_size(sum(info.size_bytes for info in infos))}"


def _line(info: IndexInfo) -> IndexLine:
    state, css = _STATES[info.state]
    if info.state == "building" and info.percent:
        state = f"{state} ({info.percent} %)"
    return IndexLine(
        name=info.name,
        fields=", ".join(info.fields) or info.name,
        kind=_KINDS[info.kind],
        reasons=[f"{reason}." for reason in info.reasons],
        state=state,
        css=f"badge badge-{css}",
        problem=info.problem,
        size=_size(info.size_bytes),
        scans=f"{info.scans:,}",
    )


def _slow(found: SlowListInfo) -> SlowLine:
    slow = found.slow
    return SlowLine(
        key=slow.shape.key,
        object=found.object,
        filters="; ".join(found.filters) or "No filter",
        sorts=", ".join(found.sorts),
        count=f"{slow.count:,}",
        median=f"{slow.median_ms:,} ms",
        worst=f"{slow.worst_ms:,} ms",
        advice=found.advice,
    )


def _size(count: int) -> str:
    size, unit = float(count), 0
    while size >= _KILO and unit < len(_UNITS) - 1:
        size, unit = size / _KILO, unit + 1
    return f"{size:,.0f} {_UNITS[unit]}" if size >= 10 or unit == 0 else f"{size:,.1f} {_UNITS[unit]}"  # noqa: PLR2004
