"""What automations ask this person, and their answers."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

from crm_app.api.call import Answer, BadBody, Call
from crm_app.api.parameters import read_parameters
from crm_app.kernel.ids import parse_id
from crm_app.services.automation_waits import WaitKey
from crm_app.services.inbox import Question, Reply, answer, delegate, my_questions, question_count
from crm_app.services.questions import AskedAbout, Progress, asked_about, progress_of
from crm_app.services.unit_of_work import UnitOfWork


def read_all(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, frozenset())
    found = my_questions(work)
    progress = progress_of(work, {each.key: each.asks for each in found})
    questions = [{**_question(each), "progress": _progress(progress[each.key])} for each in found]
    return Answer({"count": question_count(work), "questions": questions})


def read_about(work: UnitOfWork, call: Call) -> Answer:
    """Of questions about one record, whom they wait for: for everybody who sees it."""
    read_parameters(call.query, frozenset())
    return Answer({"questions": [_about(each) for each in asked_about(work, call.ref)]})


def say(work: UnitOfWork, call: Call) -> Answer:
    """`{"run", "path", "answer", "comment", "values"}`; the last two may be missing."""
    body = _body(call, {"run", "path", "answer"}, {"comment", "values"})
    values = body.get("values")
    if values is not None and not isinstance(values, Mapping):
        raise BadBody("`values` is an object with the fields of the form.")
    known = dict(cast("Mapping[str, Any]", values or {}))
    is_settled = answer(work, _key(body), Reply(_text(body, "answer"), _text(body, "comment"), known))
    return Answer({"settled": is_settled})


def hand_on(work: UnitOfWork, call: Call) -> Answer:
    """`{"run", "path", "to"}`."""
    body = _body(call, {"run", "path", "to"}, set())
    to = parse_id(_text(body, "to"))
    if to is None:
        raise BadBody("`to` is the id of a person.")
    delegate(work, _key(body), to)
    return Answer({"delegated": True})


def _body(call: Call, needed: set[str], further: set[str]) -> Mapping[str, Any]:
    read_parameters(call.query, frozenset())
    body = call.json_object()
    if needed - set(body) or set(body) - needed - further:
        raise BadBody(f"The body has {', '.join(sorted(needed | further))}.")
    return body


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise BadBody(f"`{name}` is a text.")
    return value


def _key(body: Mapping[str, Any]) -> WaitKey:
    run = parse_id(_text(body, "run"))
    if run is None:
        raise BadBody("`run` is the id of a run.")
    return WaitKey(run, _text(body, "path"))


def _about(each: AskedAbout) -> dict[str, Any]:
    return {
        "run": each.key.run, "path": each.key.path, "kind": each.kind, "automation": each.automation,
        "at": each.at, "until": each.until, "progress": _progress(each.progress),
    }  # fmt: skip


def _progress(found: Progress) -> dict[str, Any]:
    return {"asked": found.asked, **asdict(found)}


def _question(each: Question) -> dict[str, Any]:
    asks = each.asks
    return {
        "run": each.key.run, "path": each.key.path, "kind": asks["kind"], "title": asks["title"],
        "message": asks["message"], "shows": [{"label": label, "text": text} for label, text in asks["shows"]],
        "fields": asks.get("fields", []), "object": each.ref.object, "record": each.ref.id,
        "automation": asks["label"], "at": each.at, "until": each.until, "for": each.for_name,
    }  # fmt: skip
