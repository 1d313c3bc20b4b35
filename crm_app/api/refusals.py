"""Every failure has one JSON shape, and none says more than the actor may know."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import Response

from crm_app.kernel.errors import Invalid, Problem, TrellisError, Unauthenticated

_log = logging.getLogger(__name__)
_JSON = {"content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff"}
_CHALLENGE = 'Bearer realm="Trellis"'


class TooLarge(TrellisError):
    """The body is longer than any that is accepted."""

    code, status = "too_large", 413


class NotJson(TrellisError):
    """The body's content type is not JSON."""

    code, status = "unsupported_media_type", 415


class PreconditionFailed(TrellisError):
    """`If-Match` names another version than the record's; `details["fields"]` has yours, theirs and the original."""

    code, status = "stale_version", 412


class Overloaded(TrellisError):
    """The database took too long or was not there; the same request may work in a moment."""

    code, status = "unavailable", 503


class Unexpected(TrellisError):
    """A bug. Its story is in the server's log, not in the answer."""

    code, status = "internal_error", 500


def as_refusal(error: Exception) -> TrellisError:
    """What the caller is told about a failure."""
    match error:
        case TrellisError():
            return error
        case DataError():
            return Invalid("A value in this request is outside of what can be stored or compared.")
        case OperationalError() | PoolTimeout():
            _log.warning("The database refused: %s", error)
            return Overloaded("The database did not answer in time. Please try again.")
        case _:
            _log.error("An API request failed.", exc_info=error)
            return Unexpected("Something went wrong on the server. It has been noted in the server's log.")


def refused(error: TrellisError) -> Response:
    problems = as_problems(error.problems)
    body: dict[str, Any] = {"code": error.code, "message": error.message, "problems": problems}
    if error.details:
        body["details"] = error.details | _why(error.details.get("why"))
    headers = {**_JSON, "www-authenticate": _CHALLENGE} if isinstance(error, Unauthenticated) else _JSON
    return Response(_encoded({"error": body}), error.status, headers)


def _why(asked: Mapping[str, str] | None) -> dict[str, str]:
    """Where the API says why, and what would help."""
    if asked is None:
        return {}
    return {"why": f"/api/v1/objects/{asked['object']}/records/{asked['id']}/why?action={asked['action']}"}


def as_problems(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """`clauses` only where a rule of the administrator's refused and this actor may see all that it names."""
    return [
        {"path": p.path, "message": p.message}
        | ({"clauses": [{**vars(clause), "values": dict(clause.values)} for clause in p.clauses]} if p.clauses else {})
        for p in problems
    ]


def _encoded(body: dict[str, Any]) -> bytes:
    """Half a character that somebody sent may be quoted in a message; it is answered as a question mark."""
    try:
        return orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return orjson.dumps(_whole(body), default=str, option=orjson.OPT_NON_STR_KEYS)


def _whole(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {_whole(key): _whole(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list() | tuple():
            return [_whole(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value
