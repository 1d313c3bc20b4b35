"""The blocks of an automation's version, read as JSON: a version may be older than today's definitions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import text

from crm_app.services.unit_of_work import UnitOfWork

COMPENSATE = "compensate"
_BODY = text("SELECT body FROM crm.definition_version WHERE hash = :hash AND kind = 'automations'")


@dataclass(frozen=True)
class Node:
    """`path` goes through the ids of the blocks around it, `slot` is where it stands in the innermost of them."""

    step: Mapping[str, Any]
    path: str
    slot: str
    depth: int


def version_body(work: UnitOfWork, content_hash: str) -> Mapping[str, Any]:
    return work.connection.execute(_BODY, {"hash": content_hash}).scalar_one_or_none() or {}


def nodes_of(body: Mapping[str, Any]) -> Iterator[Node]:
    """In the order of the definition."""
    return _walk(body.get("steps", ()), "", 0, "")


def _walk(steps: Sequence[Mapping[str, Any]], around: str, depth: int, slot: str) -> Iterator[Node]:
    for step in steps:
        path = f"{around}/{step['id']}" if around else str(step["id"])
        yield Node(step, path, slot, depth)
        for inner, below in _slots(step, ""):
            yield from _walk(below, path, depth + 1, inner)


def _slots(value: Mapping[str, Any], at: str) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    """Lists of steps among a block's settings, also those inside its cases and branches."""
    for key, part in value.items():
        items = _objects(part)
        if items and all("id" in item and "type" in item for item in items):
            yield f"{at}{key}", items
        else:
            for number, item in enumerate(items):
                yield from _slots(item, f"{at}{key}/{number}/")


def _objects(value: object) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        return []
    items = cast("list[object]", value)
    return [cast("Mapping[str, Any]", item) for item in items if isinstance(item, dict)]
