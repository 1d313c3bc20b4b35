"""One execution of a step as it is painted: what it got, with the parts of its rules, and what it gave."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict

from crm_app.fields.own_objects import OWN_OBJECTS
from crm_app.kernel.times import moment_text
from crm_app.services.run_details import StepOnce
from crm_app.services.seen_values import Value
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import record_path
from crm_app.ui.runs.place_names import PlaceName
from crm_app.ui.runs.run_words import error_text, length_text, state_words

_CLOSED = "Closed to you"
_MAX_OUTPUT = 400
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:\+\d\d:\d\d|Z)")


class Part(TypedDict):
    """A part of a rule: `truth` is `true`, `false` or `unknown` of a condition; `indent` in rem."""

    key: str
    place: str
    text: str
    indent: str
    truth: str
    value: str
    href: str


class Failure(TypedDict):
    at: str
    text: str


class Once(TypedDict):
    key: str
    title: str
    css: str
    note: str
    error: str
    parts: list[Part]
    outputs: list[Part]
    failures: list[Failure]


def once(work: UnitOfWork, number: int, step: StepOnce, count: int, name: PlaceName) -> Once:
    zone = work.who.time_zone
    _, css = state_words(step.status)
    attempts = f" · {step.attempts} attempts" if step.attempts > 1 else ""
    return Once(
        key=f"{step.path}:{step.iteration}",
        title=f"Time {number} of {count}" if count > 1 else "",
        css=css,
        note=f"{moment_text(step.started_at, zone)} · {length_text(step.started_at, step.at)}{attempts}",
        error=error_text(step.error),
        parts=_parts(step, name),
        outputs=_outputs(step, zone),
        failures=[
            Failure(at=str(each.get("at", ""))[:19].replace("T", " "), text=error_text(str(each.get("error", ""))))
            for each in step.failures
        ],
    )


def _parts(step: StepOnce, name: PlaceName) -> list[Part]:
    """Each expression, and below it its parts where it has some."""
    found: list[Part] = []
    for place, value in sorted(step.input.items()):
        parts: Sequence[Value] = step.traces.get(place) or (value,)
        found += [_part(name(place) if at == 0 else "", f"{place}:{at}", each) for at, each in enumerate(parts)]
    return found


def _part(place: str, key: str, value: Value) -> Part:
    shown = _CLOSED if value.is_closed else value.value or ("" if value.truth else "nothing")
    indent = f"{value.depth * 1.25}rem"
    href = record_path(value.ref.object, value.ref.id) if value.ref and value.ref.object not in OWN_OBJECTS else ""
    return Part(key=key, place=place, text=value.text, indent=indent, truth=value.truth, value=shown, href=href)


def _outputs(step: StepOnce, zone: str) -> list[Part]:
    said = {name: _said(value, zone) for name, value in step.output.items() if not name.startswith("!")}
    shown = {"": _CLOSED} if step.is_output_closed else said
    return [
        Part(key=name, place=name, text="", indent="0rem", truth="", value=value, href="")
        for name, value in shown.items()
    ]


def _said(value: Any, zone: str) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    if _MOMENT.fullmatch(text):
        return moment_text(datetime.fromisoformat(text), zone)
    return text if len(text) <= _MAX_OUTPUT else f"{text[:_MAX_OUTPUT]}…"
