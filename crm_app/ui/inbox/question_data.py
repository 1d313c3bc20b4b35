"""Questions as they are painted, in the inbox and on the record that they are about."""

from collections.abc import Mapping
from typing import Any, TypedDict
from uuid import UUID

from crm_app.kernel.errors import NotFound
from crm_app.kernel.ids import parse_id
from crm_app.kernel.times import moment_text
from crm_app.services.automation_waits import WaitKey
from crm_app.services.inbox import Question, Reply, answer, colleagues, delegate, question
from crm_app.services.questions import AskedAbout, Progress
from crm_app.services.unit_of_work import UnitOfWork

PREFIX = "value-"
_NAMED = 4


class Shown(TypedDict):
    label: str
    text: str


class Asked(TypedDict):
    """One thing to fill in; `id` is its input's."""

    id: str
    name: str
    label: str
    kind: str
    required: bool
    options: list[str]


class QuestionLine(TypedDict):
    """`href` is empty where the record is not in this person's reach, or is the page. `is_open`: it needs no click to
    be answered.
    """

    key: str
    run: str
    path: str
    kind: str
    title: str
    message: str
    note: str
    progress: str
    href: str
    shows: list[Shown]
    fields: list[Asked]
    can_delegate: bool
    is_open: bool


class OtherQuestion(TypedDict):
    """One that others are asked: of it only who."""

    key: str
    title: str
    note: str
    progress: str


class Colleague(TypedDict):
    id: str
    name: str


def people_to_ask(work: UnitOfWork) -> list[Colleague]:
    return [Colleague(id=str(user), name=name) for user, name in colleagues(work)]


def answer_with(work: UnitOfWork, form: Mapping[str, Any]) -> None:
    """What a form on the page sent."""
    key = _key(form)
    asked = question(work, key).asks
    said = "sent" if asked["kind"] == "form" else str(form.get("answer", ""))
    values = {field["name"]: _value(field, form) for field in asked.get("fields", ())}
    answer(work, key, Reply(said, str(form.get("comment", "")), values))


def hand_on_with(work: UnitOfWork, form: Mapping[str, Any]) -> None:
    delegate(work, _key(form), _person(form))


def question_line(work: UnitOfWork, each: Question, progress: Progress, href: str, *, is_open: bool) -> QuestionLine:
    asks, key = each.asks, f"{each.key.run}/{each.key.path}"
    return QuestionLine(
        key=key,
        run=str(each.key.run),
        path=each.key.path,
        kind=asks["kind"],
        title=asks["title"],
        message=asks["message"],
        note=_note(work, each),
        progress=progress_text(progress) if progress.asked > 1 else "",
        href=href,
        shows=[Shown(label=label, text=text or "(empty)") for label, text in asks["shows"]],
        fields=[
            Asked(
                id=f"{key}-{field['name']}",
                name=f"{PREFIX}{field['name']}",
                label=field["label"],
                kind=field["kind"],
                required=field["required"],
                options=list(field["options"]),
            )
            for field in asks.get("fields", ())
        ],
        can_delegate=not each.for_name,
        is_open=is_open,
    )


def other_line(work: UnitOfWork, each: AskedAbout) -> OtherQuestion:
    what = "A form" if each.kind == "form" else "An approval"
    until = f" · until {moment_text(each.until, work.who.time_zone)}" if each.until else ""
    return OtherQuestion(
        key=f"{each.key.run}/{each.key.path}",
        title=f"{what} of {each.automation}",
        note=f"asked {moment_text(each.at, work.who.time_zone)}{until}",
        progress=progress_text(each.progress),
    )


def progress_text(progress: Progress) -> str:
    """`1 of 3 approved, all must · waits for Cora and Carl`."""
    needs = {"any": "one is enough", "all": "all must", "percent": f"{progress.percent} % must"}
    said: list[str] = []
    if progress.asked > 1:
        known = f"{progress.approved} of {progress.asked} approved, {needs.get(progress.need, '')}"
        said = ["the first answer counts" if progress.need == "first" else known]
    said += [f"{progress.rejected} rejected"] if progress.rejected else []
    named = list(progress.waiting[:_NAMED])
    more = len(progress.waiting) - len(named)
    names = ", ".join([*named, f"{more} more"] if more else named)
    return " · ".join([*said, *([f"waits for {names}"] if names else [])])


def _value(field: Mapping[str, Any], form: Mapping[str, Any]) -> Any:
    raw = form.get(f"{PREFIX}{field['name']}")
    return raw in (True, "on", "true") if field["kind"] == "yes_no" else raw


def _key(form: Mapping[str, Any]) -> WaitKey:
    run = parse_id(str(form.get("run", "")))
    if run is None:
        raise NotFound("There is no such question for you.")
    return WaitKey(run, str(form.get("path", "")))


def _person(form: Mapping[str, Any]) -> UUID:
    found = parse_id(str(form.get("to", "")))
    if found is None:
        raise NotFound("Choose who is to answer in your place.")
    return found


def _note(work: UnitOfWork, each: Question) -> str:
    zone = work.who.time_zone
    parts = [each.asks["label"], f"asked {moment_text(each.at, zone)}"]
    parts += [f"until {moment_text(each.until, zone)}"] if each.until else []
    parts += [f"in the place of {each.for_name}"] if each.for_name else []
    return " · ".join(parts)
