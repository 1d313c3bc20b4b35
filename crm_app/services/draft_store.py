"""Where a draft is kept: what it edits, and the steps that undo and redo take."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from crm_app.definitions.load import load_definition
from crm_app.definitions.model import Definition
from crm_app.definitions.package import KINDS, Package
from crm_app.kernel import clock
from crm_app.kernel.errors import Forbidden, Invalid, NotFound, Problem
from crm_app.services.in_person import is_administrator
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.draft_tables import DraftRow, DraftStepRow
from crm_app.storage.system_tables import table_of

KEPT_STEPS = 100
_KEPT_READ = 100
_DRAFTS, _STEPS = table_of(DraftRow), table_of(DraftStepRow)
Body = dict[str, Any]


@dataclass(frozen=True)
class Edited:
    """`origin` is what was live when the definition was first touched; `None` for one that is new."""

    origin: Body | None
    body: Body


@dataclass(frozen=True)
class Draft:
    """By key, such as `objects/deal`. `undo` and `redo` say what the next step back or forth is, if there is one."""

    step: int = 0
    edited: Mapping[str, Edited] = field(default_factory=dict[str, Edited])
    undo: str = ""
    redo: str = ""

    @cached_property
    def package(self) -> Package:
        """The definitions that differ from what they were."""
        return read_bodies({key: each.body for key, each in self.edited.items()})

    @property
    def is_empty(self) -> bool:
        return not self.edited


def read_bodies(bodies: Mapping[str, Body]) -> Package:
    found: dict[str, list[Definition]] = {}
    for key, body in bodies.items():
        found.setdefault(key.partition("/")[0], []).append(_definition(key, json.dumps(body)))
    return Package.of(found)


@lru_cache(maxsize=_KEPT_READ)
def _definition(key: str, text: str) -> Definition:
    """Every event of the builder reads the whole draft, of which the last one changed a little or nothing."""
    return load_definition(KINDS[key.partition("/")[0]], json.loads(text), key)


def require_administrator(work: UnitOfWork) -> UUID:
    """The person whose draft it is; drafts belong to people who may publish."""
    if not is_administrator(work) or work.who.user_id is None:
        raise Forbidden("Only an administrator can change how Trellis is set up.")
    return work.who.user_id


def read_draft(work: UnitOfWork) -> Draft:
    user = require_administrator(work)
    row = work.connection.execute(select(_DRAFTS.c.step, _DRAFTS.c.bodies).where(_DRAFTS.c.user == user)).one_or_none()
    if row is None:
        return Draft()
    step, bodies = row
    near = select(_STEPS.c.number, _STEPS.c.label).where(_STEPS.c.user == user, _STEPS.c.number.in_([step, step + 1]))
    labels: dict[int, str] = {row.number: row.label for row in work.connection.execute(near)}
    edited = {key: Edited(origin, body) for key, (origin, body) in bodies.items()}
    return Draft(step, edited, labels.get(step, ""), labels.get(step + 1, ""))


def body_of(work: UnitOfWork, draft: Draft, key: str) -> Body:
    """The definition as the draft has it, or as it is live."""
    if key in draft.edited:
        return draft.edited[key].body
    live = stored_body(work, key)
    if live is None:
        raise NotFound(f"There is no definition '{key[:80]}'.")
    return live


def discard_draft(work: UnitOfWork) -> Draft:
    """Everything as it is live, and nothing to undo."""
    user = require_administrator(work)
    for table in (_STEPS, _DRAFTS):
        work.connection.execute(delete(table).where(table.c.user == user))
    return Draft()


def locked(work: UnitOfWork) -> Draft:
    """Two windows of one person take turns."""
    user = require_administrator(work)
    row: dict[str, Any] = {
        "user": user,
        "base": work.schema.version,
        "step": 0,
        "bodies": {},
        "updated_at": clock.now(),
    }
    work.connection.execute(upsert(_DRAFTS).values(row).on_conflict_do_nothing())
    work.connection.execute(select(_DRAFTS.c.step).where(_DRAFTS.c.user == user).with_for_update())
    return read_draft(work)


def keep(work: UnitOfWork, user: UUID, draft: Draft, label: str, changed: Mapping[str, Body | None]) -> Draft:
    """`None` takes a definition that is new out of the draft."""
    bodies = {key: None if body is None else _read(key, body) for key, body in changed.items()}
    before = {key: draft.edited[key].body if key in draft.edited else stored_body(work, key) for key in bodies}
    bodies = {key: body for key, body in bodies.items() if body != before[key]}
    if not bodies:
        return draft
    after = _with(work, draft, bodies)
    number = draft.step + 1
    work.connection.execute(
        delete(_STEPS).where(
            _STEPS.c.user == user, (_STEPS.c.number >= number) | (_STEPS.c.number <= number - KEPT_STEPS)
        )
    )
    changes = {key: [before[key], body] for key, body in bodies.items()}
    row = {"user": user, "number": number, "label": label[:200], "changes": changes}
    work.connection.execute(insert(_STEPS), row)
    return _save(work, user, replace(after, step=number))


def begin_again(work: UnitOfWork, user: UUID, bodies: Mapping[str, Body]) -> Draft:
    """These bodies over what is live now, and nothing to undo: the steps were made from something else."""
    discard_draft(work)
    edited = {key: Edited(origin_of(work, key, body), body) for key, body in bodies.items()}
    return _save(work, user, Draft(0, {key: each for key, each in edited.items() if each.origin != each.body}))


def take_out(work: UnitOfWork, user: UUID, draft: Draft, key: str) -> Draft:
    """The draft without a definition that was published or given up by itself. The steps go with it."""
    work.connection.execute(delete(_STEPS).where(_STEPS.c.user == user))
    rest = {each: edited for each, edited in draft.edited.items() if each != key}
    return _save(work, user, Draft(0, rest)) if rest else discard_draft(work)


def step(work: UnitOfWork, *, forth: bool) -> Draft:
    user, draft = require_administrator(work), locked(work)
    number = draft.step + 1 if forth else draft.step
    query = select(_STEPS.c.changes).where(_STEPS.c.user == user, _STEPS.c.number == number)
    changes = work.connection.execute(query).scalar_one_or_none()
    if changes is None:
        return draft
    bodies = {key: after if forth else before for key, (before, after) in changes.items()}
    return _save(work, user, replace(_with(work, draft, bodies), step=draft.step + (1 if forth else -1)))


def _with(work: UnitOfWork, draft: Draft, bodies: Mapping[str, Body | None]) -> Draft:
    """A definition that is as it was before leaves the draft."""
    edited = dict(draft.edited)
    for key, body in bodies.items():
        origin = edited[key].origin if key in edited else origin_of(work, key, body)
        if body is None or body == origin:
            edited.pop(key, None)
        else:
            edited[key] = Edited(origin, body)
    return replace(draft, edited=edited)


def _save(work: UnitOfWork, user: UUID, draft: Draft) -> Draft:
    bodies = {key: [each.origin, each.body] for key, each in draft.edited.items()}
    row = {"user": user, "base": work.schema.version, "step": draft.step, "bodies": bodies, "updated_at": clock.now()}
    work.connection.execute(upsert(_DRAFTS).values(row).on_conflict_do_update(index_elements=["user"], set_={**row}))
    return read_draft(work)


def _read(key: str, body: Body) -> Body:
    kind, _, name = key.partition("/")
    if body.get("name") != name:
        raise Invalid("The name can't change here.", [Problem(f"{key}/name", f"The API name stays '{name}'.")])
    return load_definition(KINDS[kind], body, key).canonical()


def origin_of(work: UnitOfWork, key: str, body: Body | None) -> Body | None:
    """What is live of a definition: an object that the draft calls otherwise is known by where it is stored."""
    kind, _, name = key.partition("/")
    table = (body or {}).get("table", "")
    if kind == "objects" and table not in ("", name):
        return next((each.canonical() for each in work.schema.stored.objects if each.stored == table), None)
    return stored_body(work, key)


def stored_body(work: UnitOfWork, key: str) -> Body | None:
    kind, _, name = key.partition("/")
    if kind not in KINDS:
        raise NotFound(f"There is no kind of definition '{kind[:50]}'.")
    return next((d.canonical() for d in getattr(work.schema.stored, kind) if d.name == name), None)
