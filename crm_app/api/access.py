"""Of one record: who can do what with it, and why; with whom it is shared."""

from datetime import datetime
from typing import Any

from crm_app.api.call import Answer, BadBody, Call
from crm_app.api.parameters import read_parameters
from crm_app.definitions.role import ACTIONS, Action
from crm_app.kernel.errors import Clause, NotFound, Problem
from crm_app.kernel.ids import parse_id
from crm_app.services.shares import SharedWith, share_record, shares_of, unshare_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.why import who_can, why_not

_NONE: frozenset[str] = frozenset()
_ASKS = frozenset({"action", "field"})
_SHARE = frozenset({"kind", "grantee", "level", "until"})


def read_people(work: UnitOfWork, call: Call) -> Answer:
    """Who can see the record, or with `action` do that; with `field`, who knows what is in it."""
    action, field, after = _asked(call, _ASKS | {"after"})
    known = who_can(work, call.ref, action, field, parse_id(after) if after else None)
    found = [{"id": str(p.id), "name": p.name, "level": p.level, "reasons": list(p.reasons)} for p in known.people]
    return Answer({"people": found, "next": str(known.next) if known.next else None})


def read_why(work: UnitOfWork, call: Call) -> Answer:
    """Whether one may do it oneself; if not, the smallest change that would let one, and who can make it."""
    action, field, _ = _asked(call, _ASKS)
    answer = why_not(work, call.ref, action, field)
    body: dict[str, Any] = {"allowed": answer.allowed, "reasons": list(answer.reasons)}
    body["clauses"] = [_clause(each) for each in answer.clauses]
    remedy = answer.remedy
    if remedy is not None:
        by = {"by": list(remedy.by), "by_count": remedy.by_count}
        body["remedy"] = {"kind": remedy.kind, "sentence": remedy.sentence, **by}
    return Answer(body)


def read_shares(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    return Answer({"shares": [_shared(each) for each in shares_of(work, call.ref)]})


def share(work: UnitOfWork, call: Call) -> Answer:
    """Replaces what was shared with the same person, team or role."""
    read_parameters(call.query, _NONE)
    body = call.json_object()
    problems = [Problem(key, "There is no such key.") for key in sorted(body.keys() - _SHARE)]
    texts = {key: body.get(key, "read" if key == "level" else "") for key in ("kind", "grantee", "level")}
    problems += [Problem(key, "Expected a text.") for key, value in texts.items() if not isinstance(value, str)]
    until = _moment(body.get("until"), problems)
    if problems:
        raise BadBody("The body can't be used.", problems)
    kind, grantee, level = (texts[key] for key in ("kind", "grantee", "level"))
    return Answer(_shared(share_record(work, call.ref, kind, grantee, level, until)), status=201)


def unshare(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    identifier = parse_id(call.path["share"])
    if identifier is None:
        raise NotFound("It is not shared like that any more.")
    unshare_record(work, call.ref, identifier)
    return Answer(status=204)


def _asked(call: Call, known: frozenset[str]) -> tuple[Action, str, str]:
    parameters = read_parameters(call.query, known)
    action = parameters.text("action") or "read"
    if action not in ACTIONS:
        raise BadBody("The query can't be used.", [Problem("action", f"Known: {', '.join(ACTIONS)}.")])
    return action, parameters.text("field"), parameters.text("after") if "after" in known else ""


def _moment(raw: object, problems: list[Problem]) -> datetime | None:
    if raw is None:
        return None
    try:
        return datetime.fromisoformat(str(raw))
    except ValueError:
        problems.append(Problem("until", f"'{str(raw)[:40]}' is no moment such as 2026-01-31T12:00:00Z."))
        return None


def _clause(clause: Clause) -> dict[str, Any]:
    return {"rule": clause.rule, "outcome": clause.outcome, "needed": clause.needed, "message": clause.message}


def _shared(share: SharedWith) -> dict[str, Any]:
    until = share.until.isoformat() if share.until else None
    said = {"id": str(share.id), "kind": share.kind, "grantee": share.grantee, "name": share.name}
    return {**said, "level": share.level, "until": until, "by": share.by, "at": share.at.isoformat()}
