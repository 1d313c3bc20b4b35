"""The list of runs as it is painted; its address says which runs it is of."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypedDict
from urllib.parse import parse_qsl, urlencode

from crm_app.automation.moving import runs_left_behind
from crm_app.kernel import clock
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import parse_id
from crm_app.kernel.times import moment_text
from crm_app.services.automation_pauses import Pause, pauses
from crm_app.services.run_lists import STATUSES, RunFilter, RunLine, list_runs
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import MOVES, RUNS, record_path, run_path
from crm_app.ui.runs.run_words import STATES, error_text, length_text, state_words

_TIMES = {
    "hour": ("The last hour", timedelta(hours=1)),
    "day": ("The last day", timedelta(days=1)),
    "week": ("The last week", timedelta(days=7)),
}
_MAX_PAIRS = 20
_MAX_NAME = 60


@dataclass(frozen=True)
class RunsAddress:
    automation: str = ""
    status: str = ""
    time: str = ""
    object: str = ""
    record: str = ""
    after: str = ""

    def path(self) -> str:
        pairs = [(name, value) for name, value in vars(self).items() if value]
        return f"{RUNS}?{urlencode(pairs)}" if pairs else RUNS

    def first(self) -> "RunsAddress":
        return replace(self, after="")


class Choice(TypedDict):
    value: str
    label: str


class StatusTab(TypedDict):
    label: str
    href: str
    current: str


class Line(TypedDict):
    key: str
    href: str
    label: str
    automation_href: str
    record: str
    record_href: str
    state: str
    css: str
    note: str
    at: str
    length: str


class PauseNote(TypedDict):
    """`automation` is empty where none is chosen or none of that name exists."""

    automation: str
    label: str
    is_paused: bool
    text: str
    waiting: int


NO_PAUSE = PauseNote(automation="", label="", is_paused=False, text="", waiting=0)


@dataclass(frozen=True)
class RunsData:
    lines: list[Line]
    tabs: list[StatusTab]
    automations: list[Choice]
    times: list[Choice]
    pause: PauseNote
    paused: list[Choice]
    older: list[Choice]
    record: str
    record_clear: str
    next_href: str
    first_href: str
    is_moving: bool


def address_of(query: str) -> RunsAddress:
    """What is no value of a filter is left out."""
    given = dict(parse_qsl(query, max_num_fields=_MAX_PAIRS)) if query.count("&") < _MAX_PAIRS else {}
    record = given.get("record", "")
    is_record = parse_id(record) is not None and "object" in given
    return RunsAddress(
        automation=given.get("automation", "")[:_MAX_NAME],
        status=given["status"] if given.get("status") in STATUSES else "",
        time=given["time"] if given.get("time") in _TIMES else "",
        object=given["object"][:_MAX_NAME] if is_record else "",
        record=record if is_record else "",
        after=given["after"] if parse_id(given.get("after", "")) else "",
    )


def runs_data(work: UnitOfWork, address: RunsAddress) -> RunsData:
    page = list_runs(work, _filter(address))
    found = pauses(work)
    automations = sorted(work.schema.stored.automations, key=lambda each: each.label)
    labels = {each.name: each.label for each in automations}
    name = next((line.record_name for line in page.runs if line.record_name), "this record")
    return RunsData(
        lines=[_line(work, line, address) for line in page.runs],
        tabs=_tabs(address),
        automations=[
            Choice(value="", label="Every workflow"),
            *(Choice(value=each.name, label=each.label) for each in automations),
        ],
        times=[Choice(value="", label="Any time"), *(Choice(value=k, label=v) for k, (v, _) in _TIMES.items())],
        pause=_pause(work, address.automation, labels, found.get(address.automation)),
        paused=[
            Choice(value=RunsAddress(automation=name).path(), label=labels.get(name, name))
            for name in found
            if name != address.automation
        ],
        older=[
            Choice(value=f"{MOVES}?automation={name}", label=f"{labels.get(name, name)} ({count:,})")
            for name, count in runs_left_behind(work).items()
            if address.automation in ("", name)
        ],
        record=f"Runs of {name}" if address.record else "",
        record_clear=replace(address.first(), object="", record="").path(),
        next_href=replace(address, after=str(page.after)).path() if page.after else "",
        first_href=address.first().path() if address.after else "",
        is_moving=not address.after and any(line.status in ("pending", "started") for line in page.runs),
    )


def _filter(address: RunsAddress) -> RunFilter:
    record = parse_id(address.record)
    return RunFilter(
        automation=address.automation,
        record=RecordRef(address.object, record) if record else None,
        status=address.status,
        since=clock.now() - _TIMES[address.time][1] if address.time else None,
        after=parse_id(address.after),
    )


def _tabs(address: RunsAddress) -> list[StatusTab]:
    return [
        StatusTab(
            label=STATES[status][0] if status else "All",
            href=replace(address.first(), status=status).path(),
            current="page" if status == address.status else "false",
        )
        for status in ("", *STATUSES)
    ]


def _line(work: UnitOfWork, line: RunLine, address: RunsAddress) -> Line:
    state, css = state_words(line.status, is_held=line.is_held)
    definition = work.catalog.by_name.get(line.ref.object)
    again = f"Attempt {line.attempt}" if line.attempt > 1 else "Run again" if line.rerun_of else ""
    return Line(
        key=str(line.id),
        href=run_path(line.id),
        label=line.label,
        automation_href=replace(address.first(), automation=line.automation).path(),
        record=line.record_name or (definition.label if definition else line.ref.object),
        record_href=record_path(line.ref.object, line.ref.id) if line.record_name else "",
        state=state,
        css=css,
        note=error_text(line.error) or again,
        at=moment_text(line.at, work.who.time_zone),
        length=length_text(line.at, line.finished_at) if line.finished_at else "",
    )


def _pause(work: UnitOfWork, name: str, labels: dict[str, str], found: Pause | None) -> PauseNote:
    if name not in labels:
        return NO_PAUSE
    note = PauseNote(automation=name, label=labels[name], is_paused=found is not None, text="", waiting=0)
    if found is None:
        return note
    kept = "What happens meanwhile waits" if found.keeps else "What happens meanwhile is passed over"
    waiting = (
        f"{found.waiting:,} {'run waits' if found.waiting == 1 else 'runs wait'}" if found.waiting else "none waits"
    )
    since = moment_text(found.at, work.who.time_zone)
    text = f"Paused by {found.by} since {since}. {kept}; {waiting} now. Runs that had begun go on."
    return {**note, "text": text, "waiting": found.waiting}
