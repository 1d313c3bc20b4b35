"""One request as the endpoints see it, and what they answer. Endpoints are synchronous: they run in a thread."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from crm_app.kernel.errors import Invalid, NotFound, Problem
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import parse_id
from crm_app.kernel.strict_json import loads
from crm_app.services.unit_of_work import UnitOfWork


class BadBody(Invalid):
    """The JSON is well-formed but not what this endpoint takes."""

    code = "bad_body"


@dataclass(frozen=True)
class Call:
    """`base` is where the API stands (`/api`); `body` is empty for a method that has none."""

    path: Mapping[str, str]
    query: bytes
    headers: Mapping[str, str]
    body: bytes = b""
    base: str = ""

    @property
    def object(self) -> str:
        return self.path["object"]

    @property
    def ref(self) -> RecordRef:
        """An id that is none names no record, like one that does not exist."""
        record_id = parse_id(self.path["id"])
        if record_id is None:
            raise NotFound("There is no such record, or you may not see it.")
        return RecordRef(self.object, record_id)

    def json(self, key: str) -> Any:
        """The value of the one key that the body has: `{"values": …}`."""
        body = self.json_object()
        if set(body) != {key}:
            raise BadBody(f'The body is one JSON object with the key "{key}" and no other.')
        return body[key]

    def json_object(self) -> Mapping[str, Any]:
        body = loads(self.body)
        if not isinstance(body, dict):
            raise BadBody("The body is one JSON object.")
        return cast("dict[str, Any]", body)

    def require_nothing(self) -> None:
        """For a method that has nothing to say: an empty body, or an empty JSON object."""
        if self.body.strip() not in (b"", b"{}"):
            raise BadBody("The body is an empty JSON object.")


@dataclass(frozen=True)
class Answer:
    """`payload` becomes JSON; `None` is an answer without a body."""

    payload: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Endpoint = Callable[[UnitOfWork, Call], Answer]


def as_values(raw: object, path: str = "values") -> Mapping[str, Any]:
    """A JSON object of field values; anything else where one is expected is refused by name."""
    if not isinstance(raw, dict):
        raise BadBody("The body can't be used.", [Problem(path, "Expected a JSON object of fields and their values.")])
    return cast("dict[str, Any]", raw)
