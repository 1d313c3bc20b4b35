"""Steps of automations, in few words."""

from typing import Any

from crm_app.kernel.events import RecordRef
from crm_app.services.record_query import RecordQuery
from tests.workflows.engine import Engine

Steps = list[dict[str, Any]]


def win(at: Engine, **values: Any) -> RecordRef:
    deal = at.crm.create("deal", at.crm.rep, name="Acme", stage="engaging", **values)
    at.crm.update(deal.ref, {"stage": "won"}, at.crm.rep)
    return deal.ref


def tasks(at: Engine) -> list[str]:
    return sorted(at.crm.names(RecordQuery("task", limit=100)))


def make_tasks(at: Engine, count: int) -> None:
    for number in range(count):
        at.crm.create("task", at.crm.rep, name=f"{number}")


def task(key: str, name: str = "", *undo: dict[str, Any]) -> dict[str, Any]:
    made = {"id": key, "type": "create", "object": "task", "values": {"name": name or f"'{key}'"}}
    return {**made, "compensate": list(undo)} if undo else made


def no(key: str = "no", message: str = "'No'") -> dict[str, Any]:
    return {"id": key, "type": "fail", "message": message}


def undoable(key: str) -> dict[str, Any]:
    return task(key, "", task(f"un{key}"))


def branch(key: str, when: str, then: Steps, otherwise: Steps) -> dict[str, Any]:
    return {"id": key, "type": "branch", "cases": [{"when": when, "steps": then}], "else": otherwise}


def side_by_side(until: str, *branches: Steps) -> dict[str, Any]:
    return {"id": "both", "type": "parallel", "until": until, "branches": [{"steps": steps} for steps in branches]}
