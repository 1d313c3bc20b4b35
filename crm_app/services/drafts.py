"""An administrator's draft: definitions as they are to become, kept step by step until they are published.

Every body in a draft is a definition that can be read by itself; whether all of them fit together is told by `problems`
after every step and decided by `publish_draft`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from crm_app.definitions.check import Check
from crm_app.definitions.diff import Change, diff
from crm_app.definitions.load import load_definition
from crm_app.definitions.model import Definition
from crm_app.definitions.package import KINDS, Package
from crm_app.kernel import clock
from crm_app.kernel.errors import Forbidden, Invalid, NotFound, Problem
from crm_app.services.definitions import WORKSPACE, plan, publish, require_publishable
from crm_app.services.rebase import SomebodyPublished
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import DraftRow, DraftStepRow, table_of

KEPT_STEPS = 100
_DRAFTS, _STEPS = table_of(DraftRow), table_of(DraftStepRow)
Body = dict[str, Any]
Edit = Callable[[Body], Body]


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

    @property
    def package(self) -> Package:
        """The definitions that differ from what they were."""
        found: dict[str, list[Definition]] = {}
        for key, each in self.edited.items():
            kind = key.partition("/")[0]
            found.setdefault(kind, []).append(load_definition(KINDS[kind], each.body, key))
        return Package.of(found)

    @property
    def is_empty(self) -> bool:
        return not self.edited


def require_administrator(work: UnitOfWork) -> UUID:
    """The person whose draft it is; drafts belong to people who may publish."""
    if not work.access(WORKSPACE).allows("administer") or work.who.user_id is None:
        raise Forbidden("Only an administrator can change how Trellis is set up.")
    return work.who.user_id


def may_administer(work: UnitOfWork) -> bool:
    return work.access(WORKSPACE).allows("administer")


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


def drafted(work: UnitOfWork, draft: Draft) -> Package:
    """What would be live if the draft were published now."""
    return work.catalog.merged(draft.package)


def body_of(work: UnitOfWork, draft: Draft, key: str) -> Body:
    """The definition as the draft has it, or as it is live."""
    if key in draft.edited:
        return draft.edited[key].body
    live = _live_body(work, key)
    if live is None:
        raise NotFound(f"There is no definition '{key[:80]}'.")
    return live


def edit_draft(work: UnitOfWork, label: str, edits: Mapping[str, Edit]) -> Draft:
    """One step: each definition through its function. One that can't be read afterwards refuses the whole step."""
    user, draft = require_administrator(work), _locked(work)
    return _keep(work, user, draft, label, {key: edit(body_of(work, draft, key)) for key, edit in edits.items()})


def add_to_draft(work: UnitOfWork, label: str, bodies: Mapping[str, Body], edits: Mapping[str, Edit]) -> Draft:
    """One step that brings new definitions, and edits others along with them."""
    user, draft = require_administrator(work), _locked(work)
    for key in bodies:
        if key in draft.edited or _live_body(work, key) is not None:
            raise Invalid("That name is taken.", [Problem("name", f"There is '{key.partition('/')[2]}' already.")])
    changed = {key: edit(body_of(work, draft, key)) for key, edit in edits.items()}
    return _keep(work, user, draft, label, {**bodies, **changed})


def undo(work: UnitOfWork) -> Draft:
    return _step(work, forth=False)


def redo(work: UnitOfWork) -> Draft:
    return _step(work, forth=True)


def discard_draft(work: UnitOfWork) -> Draft:
    """Everything as it is live, and nothing to undo."""
    user = require_administrator(work)
    for table in (_STEPS, _DRAFTS):
        work.connection.execute(delete(table).where(table.c.user == user))
    return Draft()


def problems(work: UnitOfWork, draft: Draft, more_checks: tuple[Check, ...] = ()) -> list[Problem]:
    """Why the draft can't be published as it stands."""
    try:
        require_publishable(drafted(work, draft), more_checks)
    except Invalid as refusal:
        return list(refusal.problems) or [Problem("", refusal.message)]
    return []


def draft_plan(work: UnitOfWork, draft: Draft) -> list[Change]:
    return plan(work, draft.package)


def published_meanwhile(work: UnitOfWork, draft: Draft) -> list[Change]:
    """What others have changed in the definitions that this draft touches, since it first touched them."""
    return diff(_origins(draft), _live_of(work, draft))


def publish_draft(work: UnitOfWork, more_checks: tuple[Check, ...] = ()) -> list[Change]:
    """Makes the draft live and starts an empty one. Refused with the difference when somebody else was quicker."""
    draft = _locked(work)
    if theirs := published_meanwhile(work, draft):
        raise SomebodyPublished(
            "Somebody else published changes to the same definitions.",
            [Problem(change.path, f"{change.kind} by somebody else") for change in theirs],
        )
    changes = publish(work, draft.package, more_checks)
    discard_draft(work)
    return changes


def _locked(work: UnitOfWork) -> Draft:
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


def _keep(work: UnitOfWork, user: UUID, draft: Draft, label: str, changed: Mapping[str, Body]) -> Draft:
    bodies = {key: _read(key, body) for key, body in changed.items()}
    before = {key: draft.edited[key].body if key in draft.edited else _live_body(work, key) for key in bodies}
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
    step = {"user": user, "number": number, "label": label[:200], "changes": changes}
    work.connection.execute(insert(_STEPS), step)
    return _save(work, user, replace(after, step=number))


def _step(work: UnitOfWork, *, forth: bool) -> Draft:
    user, draft = require_administrator(work), _locked(work)
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
        origin = edited[key].origin if key in edited else _live_body(work, key)
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


def _live_body(work: UnitOfWork, key: str) -> Body | None:
    kind, _, name = key.partition("/")
    if kind not in KINDS:
        raise NotFound(f"There is no kind of definition '{kind[:50]}'.")
    return next((d.canonical() for d in getattr(work.catalog, kind) if d.name == name), None)


def _origins(draft: Draft) -> Package:
    found: dict[str, list[Definition]] = {}
    for key, each in draft.edited.items():
        kind = key.partition("/")[0]
        if each.origin is not None:
            found.setdefault(kind, []).append(load_definition(KINDS[kind], each.origin, key))
    return Package.of(found)


def _live_of(work: UnitOfWork, draft: Draft) -> Package:
    live = {kind: [d for d in getattr(work.catalog, kind) if f"{kind}/{d.name}" in draft.edited] for kind in KINDS}
    return Package.of(live)
