import base64
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal
from urllib.parse import quote, urlencode

from pydantic import Field

from crm_app.automation.json_values import TYPES, JsonType, parsed_json, typed_value, value_at
from crm_app.automation.messages import MOST_TRIES, USUAL_TRIES
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.automation.texts import check_text, filled_by
from crm_app.definitions.model import ApiName
from crm_app.fields.rule_type import INT, RuleType
from crm_app.kernel.actor import AutomationActor
from crm_app.kernel.causation import DEPTH
from crm_app.kernel.errors import Invalid
from crm_app.rules.value_json import dump_value
from crm_app.services.connections import HttpSettings, opened_connection
from crm_app.services.egress import EgressFailed, Incoming, Outgoing, send
from crm_app.services.workspace import Workspace

_TRY_AGAIN = (408, 425, 429)
_FINE = range(200, 300)
_SERVER = 500
_SHOWN = 200


class Pick(StepConfig):
    """`path` leads into the answer's JSON by names and numbers between points: `items.0.id`."""

    path: str = Field(min_length=1, max_length=200)
    type: JsonType = "text"


class HttpConfig(StepConfig):
    """`connection` holds the address that `path`, a text with tags, is added to, and the secret. `query` and `body`
    give parameters and the keys of a JSON object as expressions. All three name a record by its id and write dates and
    numbers as JSON does. `picks` are what later steps may use of the answer. A system that is busy or away is asked
    again, up to so many `tries`: 15 take ten minutes, 100 a day, 300 three.
    """

    connection: ApiName
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    path: str = Field(default="", max_length=1000)
    query: dict[str, str] = Field(default_factory=dict[str, str], max_length=50)
    body: dict[str, str] = Field(default_factory=dict[str, str], max_length=100)
    picks: dict[ApiName, Pick] = Field(default_factory=dict[ApiName, Pick], max_length=50)
    tries: int = Field(default=USUAL_TRIES, ge=1, le=MOST_TRIES)


class AnswerRefused(Invalid):
    """The other side says no, and would again."""

    code = "answer_refused"


def _check(config: HttpConfig, place: Place) -> Mapping[str, RuleType]:
    check_text(place, "path", config.path)
    for part in ("query", "body"):
        for name, expression in getattr(config, part).items():
            place.rule(f"{part}/{name}", expression, None)
    if config.body and config.method == "GET":
        place.refuse("body", "GET has no body: its parameters are the query's.")
    if "status" in config.picks:
        place.refuse("picks/status", "The answer's status is called so already.")
    return {"status": INT.required(), **{name: TYPES[pick.type] for name, pick in config.picks.items()}}


def _outgoing(step: StepRun) -> Outgoing:
    config: HttpConfig = step.config
    settings, secret = opened_connection(step.work, config.connection)
    if not isinstance(settings, HttpSettings):
        raise AnswerRefused(f"The connection '{config.connection}' is none to a web address.")
    body = json.dumps({name: dump_value(value) for name, value in step.under("body").items()}) if config.body else ""
    headers = {"accept": "application/json", "user-agent": "Trellis", **settings.headers, **_auth(settings, secret)}
    if body:
        headers["content-type"] = "application/json"
    actor = step.work.actor
    depth = actor.depth if isinstance(actor, AutomationActor) else 0
    return Outgoing(
        config.method,
        settings.base_url.rstrip("/") + _path(step) + _query(step),
        {**headers, "idempotency-key": step.key, DEPTH: str(depth)},
        body.encode(),
        allows_private=settings.allows_private,
    )


def _path(step: StepRun) -> str:
    """A value stays one part of the path, whatever it holds, and is there as the body has it: a record by its id."""
    path = filled_by(step, "path", step.config.path, lambda value, _of: quote(_word(value), safe=""))
    if any(part in (".", "..") for part in path.split("?")[0].split("/")):
        raise AnswerRefused("The path leads out of the connection's address.")
    return path if not path or path.startswith(("/", "?")) else f"/{path}"


def _query(step: StepRun) -> str:
    words = {name: _word(value) for name, value in step.under("query").items() if value is not None}
    return ("&" if "?" in step.config.path else "?") + urlencode(words) if words else ""


def _word(value: Any) -> str:
    dumped = dump_value(value)
    return "" if dumped is None else dumped if isinstance(dumped, str) else json.dumps(dumped)


def _auth(settings: HttpSettings, secret: str) -> dict[str, str]:
    match settings.auth:
        case "bearer":
            return {"authorization": f"Bearer {secret}"}
        case "basic":
            pair = base64.b64encode(f"{settings.user}:{secret}".encode()).decode()
            return {"authorization": f"Basic {pair}"}
        case "header" if settings.header:
            return {settings.header.lower(): secret}
        case _:
            return {}


def _prepare(step: StepRun) -> Callable[[Workspace], Mapping[str, Any]]:
    return partial(_sent, _outgoing(step), step.config)


def _sent(outgoing: Outgoing, config: HttpConfig, _workspace: Workspace) -> Mapping[str, Any]:
    answer = send(outgoing)
    if answer.status in _TRY_AGAIN or answer.status >= _SERVER:
        raise EgressFailed(f"{config.connection} answered {answer.status}.", retry_after=_pause(answer))
    if answer.status not in _FINE:
        said = " ".join(answer.body[:_SHOWN].decode("utf-8", "replace").replace("\0", " ").split())
        raise AnswerRefused(f"{config.connection} answered {answer.status}: {said}")
    return {"status": answer.status, **picked(answer, config.picks)}


def _pause(answer: Incoming) -> int | None:
    """How long the other side asks to be left alone."""
    said = answer.headers.get("retry-after", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 5 else None  # noqa: PLR2004 - under a day


def picked(answer: Incoming, picks: Mapping[str, Pick]) -> dict[str, Any]:
    """What isn't there is empty; what is of another type is refused."""
    if not picks:
        return {}
    body = parsed_json(answer.body)
    return {name: typed_value(name, pick.type, value_at(body, pick.path)) for name, pick in picks.items()}


def _would(step: StepRun) -> Mapping[str, Any]:
    _outgoing(step)
    return {"status": 200, **dict.fromkeys(step.config.picks)}


STEP_TYPE = StepType(
    name="http",
    label="Call a web address",
    description=(
        "Calls another system through a connection, at least once and with the same `Idempotency-Key` each time; "
        "gives the answer's `status` and what is picked from it. Busy systems are asked again."
    ),
    config=HttpConfig,
    check=_check,
    run=_would,
    prepare=_prepare,
    examples=(
        {
            "id": "post",
            "type": "http",
            "connection": "erp",
            "path": "orders/{{id}}",
            "body": {"customer": "company.name", "total": "amount"},
            "picks": {"number": {"path": "order.number"}, "paid": {"path": "order.paid", "type": "bool"}},
        },
    ),
)
