"""A person's own notifications: reading them, and marking them as read."""

from typing import Any, cast
from uuid import UUID

from crm_app.api.call import Answer, BadBody, Call
from crm_app.api.parameters import read_parameters
from crm_app.kernel.ids import parse_id
from crm_app.services.notifications import PAGE, Notification, mark_read, my_notifications, unread_count
from crm_app.services.unit_of_work import UnitOfWork

MAX_LIMIT = 200


def read_all(work: UnitOfWork, call: Call) -> Answer:
    given = read_parameters(call.query, frozenset({"limit", "unread", "before"}))
    limit = max(1, min(given.number("limit", PAGE), MAX_LIMIT))
    unread = given.choice("unread", ("false", "true")) == "true"
    before = parse_id(given.text("before")) if given.text("before") else None
    found = my_notifications(work, limit, before, unread=unread)
    return Answer({"unread": unread_count(work), "notifications": [_notification(each) for each in found]})


def mark(work: UnitOfWork, call: Call) -> Answer:
    """`{"ids": […]}`, or `{}` for all of them."""
    read_parameters(call.query, frozenset())
    body = call.json_object()
    if set(body) - {"ids"}:
        raise BadBody('The body is {"ids": […]}, or {} for all of them.')
    return Answer({"marked": mark_read(work, _ids(body["ids"]) if "ids" in body else None)})


def _ids(raw: object) -> list[UUID]:
    given = cast("list[Any]", raw) if isinstance(raw, list) else []
    found = [parse_id(each) for each in given if isinstance(each, str)]
    ids = [each for each in found if each is not None]
    if not isinstance(raw, list) or len(ids) < len(given) or len(given) > MAX_LIMIT:
        raise BadBody(f"`ids` is a list of at most {MAX_LIMIT} ids of notifications.")
    return ids


def _notification(each: Notification) -> dict[str, Any]:
    about = {"object": each.ref.object, "record": each.ref.id} if each.ref else None
    return {
        "id": each.id, "at": each.at, "title": each.title, "body": each.body, "about": about, "source": each.source,
        "is_read": each.is_read,
    }  # fmt: skip
