"""What the inbox shows: what automations ask this person, the oldest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from crm_app.kernel.errors import NotFound
from crm_app.kernel.ids import parse_id
from crm_app.kernel.times import moment_text
from crm_app.services.automation_waits import WaitKey
from crm_app.services.inbox import Question, Reply, answer, colleagues, delegate, my_questions, question
from crm_app.services.records import get_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import record_path

PREFIX = "value-"


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
    """`href` is empty where the record is not in this person's reach."""

    key: str
    run: str
    path: str
    kind: str
    title: str
    message: str
    note: str
    href: str
    shows: list[Shown]
    fields: list[Asked]
    can_delegate: bool


class Colleague(TypedDict):
    id: str
    name: str


@dataclass(frozen=True)
class InboxData:
    lines: list[QuestionLine]
    people: list[Colleague]


def inbox_data(work: UnitOfWork) -> InboxData:
    lines = [_line(work, each) for each in my_questions(work)]
    people = [Colleague(id=str(user), name=name) for user, name in colleagues(work)] if lines else []
    return InboxData(lines, people)


def answered(work: UnitOfWork, form: Mapping[str, Any]) -> InboxData:
    """What a form on the page sent."""
    key = _key(form)
    asked = question(work, key).asks
    said = "sent" if asked["kind"] == "form" else str(form.get("answer", ""))
    values = {field["name"]: _value(field, form) for field in asked.get("fields", ())}
    answer(work, key, Reply(said, str(form.get("comment", "")), values))
    return inbox_data(work)


def handed_on(work: UnitOfWork, form: Mapping[str, Any]) -> InboxData:
    delegate(work, _key(form), _person(form))
    return inbox_data(work)


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


def _line(work: UnitOfWork, each: Question) -> QuestionLine:
    asks, key = each.asks, f"{each.key.run}/{each.key.path}"
    return QuestionLine(
        key=key,
        run=str(each.key.run),
        path=each.key.path,
        kind=asks["kind"],
        title=asks["title"],
        message=asks["message"],
        note=_note(work, each),
        href=_href(work, each),
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
    )


def _note(work: UnitOfWork, each: Question) -> str:
    zone = work.who.time_zone
    parts = [each.asks["label"], f"asked {moment_text(each.at, zone)}"]
    parts += [f"until {moment_text(each.until, zone)}"] if each.until else []
    parts += [f"in the place of {each.for_name}"] if each.for_name else []
    return " · ".join(parts)


def _href(work: UnitOfWork, each: Question) -> str:
    try:
        get_record(work, each.ref, names=False)
    except NotFound:
        return ""
    return record_path(each.ref.object, each.ref.id)
