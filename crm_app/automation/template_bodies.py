"""What each template makes for an object: it knows fields by their types alone, never by an object's own names."""

from typing import Any

from crm_app.automation.slots import Body
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition


def _first(definition: ObjectDefinition, *types: str) -> FieldDefinition | None:
    return next((each for each in definition.fields if each.type in types and not each.is_read_only), None)


def _trigger(kind: str, definition: ObjectDefinition, **more: Any) -> Body:
    return {"type": kind, "object": definition.name, **more}


def stamp(definition: ObjectDefinition) -> Body:
    """Fills a date when a stage is entered."""
    pipeline = next(iter(definition.pipelines), None)
    date = _first(definition, "date")
    stage = next((each.name for each in pipeline.stages if each.kind == "won"), "") if pipeline else ""
    place = {"field": pipeline.field, "stage": stage} if pipeline else {}
    values = {date.name: "today"} if date else {}
    return {
        "trigger": _trigger("stage.entered", definition, **place),
        "steps": [{"id": "date", "type": "update", "values": values}],
    }


def defaults(definition: ObjectDefinition) -> Body:
    """Fills what a person left empty."""
    text = _first(definition, "text", "long_text", "select")
    when = f"{text.name} is empty" if text else ""
    return {
        "trigger": _trigger("record.created", definition, when=when),
        "steps": [{"id": "fill", "type": "update", "values": {}}],
    }


def split(definition: ObjectDefinition) -> Body:
    """One thing for large amounts and another for the rest."""
    amount = _first(definition, "currency", "number", "percent")
    when = f"{amount.name} is not empty" if amount else ""
    return {
        "trigger": _trigger("record.created", definition),
        "steps": [{"id": "which", "type": "branch", "cases": [{"when": when, "steps": []}], "else": []}],
    }


def _tag(definition: ObjectDefinition) -> str:
    """The record's name, in a text."""
    return f"{{{{{definition.name_field}}}}}"


def _tell(key: str, title: str, to: str = "owner") -> Body:
    return {"id": key, "type": "notify", "to": to, "title": title}


def _amount(definition: ObjectDefinition) -> str:
    """As a rule, what a large one is."""
    field = _first(definition, "currency", "number")
    return "" if field is None else f"{field.name} >= 50000{' USD' if field.type == 'currency' else ''}"


def _won(definition: ObjectDefinition) -> Body:
    pipeline = next(iter(definition.pipelines), None)
    stage = next((each.name for each in pipeline.stages if each.kind == "won"), "") if pipeline else ""
    place = {"field": pipeline.field, "stage": stage} if pipeline else {"field": "", "stage": ""}
    return _trigger("stage.entered", definition, **place)


def _task(key: str, subject: str, due: str) -> Body:
    return {"id": key, "type": "task", "subject": subject, "due": due}


def follow_up(definition: ObjectDefinition) -> Body:
    """A task for the owner some time after it is won."""
    name = _tag(definition)
    return {
        "trigger": _won(definition),
        "steps": [
            _tell("thanks", f"Won: {name}"),
            _task("call", f"Ask how it goes: {name}", "today + P14D"),
        ],
    }


def welcome(definition: ObjectDefinition) -> Body:
    """Three tasks over two weeks, which end when somebody deletes the record."""
    name = _tag(definition)
    return {
        "trigger": _trigger("record.created", definition),
        "steps": [
            _task("hello", f"Say hello to {name}", "today"),
            {"id": "some_days", "type": "wait", "duration": "P3D"},
            _task("ask", f"Ask {name} what they need", "today + P1D"),
            {"id": "more_days", "type": "wait", "duration": "P10D"},
            _task("look_back", f"Look back with {name}", "today + P2D"),
        ],
    }


def stale(definition: ObjectDefinition) -> Body:
    """Every working morning, of what nobody has touched for two weeks."""
    pipeline = next(iter(definition.pipelines), None)
    closed = [each.name for each in pipeline.stages if each.kind in ("won", "lost")] if pipeline else []
    is_open = f" and {pipeline.field} not in [{', '.join(map(repr, closed))}]" if pipeline and closed else ""
    when = f"owner is not empty{is_open}"
    return {
        "trigger": _trigger("date.reached", definition, field="updated_at", days=14, when=when),
        "steps": [_tell("remind", f"Nothing has happened for two weeks: {_tag(definition)}")],
    }  # fmt: skip


def approval(definition: ObjectDefinition) -> Body:
    """The owner's manager decides about large ones; after three days of silence the owner is told."""
    name = _tag(definition)
    ask = {
        "id": "ask",
        "type": "approval",
        "assignees": "owner.manager",
        "title": f"Approve {name}?",
        "timeout": "P3D",
        "on_timeout": [_tell("silence", f"Nobody has decided about {name}")],
    }
    decided = [
        {"when": "steps.ask.approved", "steps": [_tell("yes", f"Approved: {name}")]},
        {"when": "not steps.ask.approved", "steps": [_tell("no", f"Not approved: {name}")]},
    ]
    answer = {"id": "answer", "type": "branch", "cases": decided, "else": []}
    large = {
        "id": "large",
        "type": "branch",
        "cases": [{"when": _amount(definition), "steps": [ask, answer]}],
        "else": [],
    }
    return {"trigger": _trigger("record.created", definition), "steps": [large]}


def escalation(definition: ObjectDefinition) -> Body:
    """The owner is reminded after a day, their manager after two."""
    text = _first(definition, "text", "long_text", "date")
    open_still = f"{text.name} is empty" if text else ""
    name = _tag(definition)
    tell = _tell("tell", f"Waits for you since yesterday: {name}")
    escalate = _tell("escalate", f"Waits for two days: {name}", "owner.manager")  # fmt: skip
    return {
        "trigger": _trigger("record.created", definition),
        "steps": [
            {"id": "a_day", "type": "wait", "duration": "P1D"},
            {"id": "still", "type": "branch", "cases": [{"when": open_still, "steps": [
                tell,
                {"id": "another_day", "type": "wait", "duration": "P1D"},
                {"id": "even_now", "type": "branch", "cases": [{"when": open_still, "steps": [escalate]}], "else": []},
            ]}], "else": []},
        ],
    }  # fmt: skip


def round_robin(definition: ObjectDefinition) -> Body:
    """New ones go to the members of a team by turns."""
    return {
        "trigger": _trigger("record.created", definition),
        "steps": [
            {"id": "next", "type": "assign", "team": "", "by": "round_robin"},
            _tell("tell", f"Yours: {_tag(definition)}", "steps.next.user"),
        ],
    }  # fmt: skip


def renewal(definition: ObjectDefinition) -> Body:
    """A task a month before a date."""
    date = _first(definition, "date", "datetime")
    return {
        "trigger": _trigger("date.reached", definition, field=date.name if date else "", days=-30),
        "steps": [_task("renew", f"Renew {_tag(definition)}", "today + P7D")],
    }


def hook(definition: ObjectDefinition) -> Body:
    """Another system is told of every change; if it can't be reached, the owner."""
    name = _tag(definition)
    post = {"id": "post", "type": "http", "connection": "", "body": {"name": definition.name_field}}
    return {
        "trigger": _trigger("record.updated", definition),
        "steps": [{
            "id": "safely", "type": "try", "steps": [post],
            "catch": [_tell("tell", f"Could not pass on {name}")],
        }],
    }  # fmt: skip
