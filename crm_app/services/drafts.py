"""An administrator's draft: definitions as they are to become, kept step by step until they are published.

Every body in a draft is a definition that can be read by itself; whether all of them fit together is told by `problems`
after every step and decided by `publish_draft`.
"""

from collections.abc import Collection, Mapping

from crm_app.definitions.check import Check
from crm_app.definitions.diff import Change, diff
from crm_app.definitions.edits import Edit
from crm_app.definitions.merge import Clash, merge
from crm_app.definitions.package import KINDS, Package
from crm_app.kernel.errors import Conflict, Invalid, Problem
from crm_app.services.asked_checks import asked
from crm_app.services.automation_plans import NO_PLANS, AutomationPlans
from crm_app.services.code_steps import code_problems
from crm_app.services.connection_checks import connection_problems
from crm_app.services.definitions import How, plan, publish, require_publishable, wished
from crm_app.services.draft_store import (
    Body,
    Draft,
    begin_again,
    body_of,
    discard_draft,
    keep,
    locked,
    read_bodies,
    require_administrator,
    step,
    stored_body,
)
from crm_app.services.draft_store import (
    read_draft as read_draft,
)
from crm_app.services.rebase import SomebodyPublished
from crm_app.services.retyping import require_convertible, retypings
from crm_app.services.unit_of_work import UnitOfWork


class NotAgreed(Conflict):
    """The plan holds something destructive that nobody has agreed to; `problems` name it. Nothing was published."""

    code = "not_agreed"


def drafted(work: UnitOfWork, draft: Draft) -> Package:
    """Every definition as it would be if the draft were published now, archived ones included."""
    return work.schema.stored.merged(draft.package)


def edit_draft(work: UnitOfWork, label: str, edits: Mapping[str, Edit]) -> Draft:
    """One step: each definition through its function. One that can't be read afterwards refuses the whole step."""
    user, draft = require_administrator(work), locked(work)
    return keep(work, user, draft, label, {key: edit(body_of(work, draft, key)) for key, edit in edits.items()})


def add_to_draft(work: UnitOfWork, label: str, bodies: Mapping[str, Body], edits: Mapping[str, Edit]) -> Draft:
    """One step that brings new definitions, and edits others along with them."""
    user, draft = require_administrator(work), locked(work)
    for key in bodies:
        if key in draft.edited or stored_body(work, key) is not None:
            said = f"There is '{key.partition('/')[2]}' already, live or archived."
            raise Invalid("That name is taken.", [Problem("name", said)])
    changed = {key: edit(body_of(work, draft, key)) for key, edit in edits.items()}
    return keep(work, user, draft, label, {**bodies, **changed})


def undo(work: UnitOfWork) -> Draft:
    return step(work, forth=False)


def redo(work: UnitOfWork) -> Draft:
    return step(work, forth=True)


def problems(work: UnitOfWork, draft: Draft, more_checks: tuple[Check, ...] = ()) -> list[Problem]:
    """Why the draft can't be published as it stands."""
    try:
        require_publishable(after := drafted(work, draft), asked(work, more_checks), work.schema.stored)
        require_convertible(retypings(work.schema.stored, after))
    except Invalid as refusal:
        return list(refusal.problems) or [Problem("", refusal.message)]
    edited = draft.package.automations
    return [*connection_problems(work, edited), *code_problems(work, edited)]


def draft_plan(work: UnitOfWork, draft: Draft, automations: AutomationPlans = NO_PLANS) -> list[Change]:
    return plan(work, draft.package, How(automations=automations))


def hidden_by(changes: Collection[Change]) -> list[str]:
    """What of a plan is asked for once more before it is done."""
    return [f"{change.kind} {change.path}" for change in changes if change.is_destructive]


def published_meanwhile(work: UnitOfWork, draft: Draft) -> list[Change]:
    """What others have changed in the definitions that this draft touches, since it first touched them."""
    return diff(_origins(draft), _live_of(work, draft))


def clashes(work: UnitOfWork, draft: Draft) -> list[Clash]:
    """Where others changed meanwhile the very same that this draft changes."""
    return merge(_origins(draft), _live_of(work, draft), draft.package).clashes


def rebase_draft(work: UnitOfWork, mine: Collection[str] = ()) -> list[Clash]:
    """Brings what others published into the draft, which then begins at what is live: its steps can't be undone any
    more. Where both changed the same, `mine` are the paths at which the draft's is kept; elsewhere theirs is. Gives
    the clashes.
    """
    user, draft = require_administrator(work), locked(work)
    merged = merge(_origins(draft), _live_of(work, draft), draft.package, mine)
    bodies = {f"{kind}/{each.name}": each.canonical() for kind, each in merged.package.definitions()}
    begin_again(work, user, bodies)
    return merged.clashes


class Unconnected(Invalid):
    """A workflow names a connection that isn't there, or is none of the kind that it takes."""

    code = "unconnected"


def publish_draft(
    work: UnitOfWork,
    more_checks: tuple[Check, ...] = (),
    *,
    agreed: Collection[str] | None = None,
    set_empty: bool = False,
) -> list[Change]:
    """Makes the draft live and starts an empty one. Refused with the difference when somebody else was quicker, and
    when it hides or converts more than was `agreed` to (see `hidden_by`; `None` is everything).
    """
    draft = locked(work)
    if theirs := published_meanwhile(work, draft):
        raise SomebodyPublished(
            "Somebody else published changes to the same definitions.",
            [Problem(change.path, f"{change.kind} by somebody else") for change in theirs],
        )
    if agreed is not None:
        _require_agreed(work, draft.package, agreed)
    if problems := connection_problems(work, draft.package.automations):
        raise Unconnected("Nothing was published: a connection is missing.", problems)
    changes = publish(work, draft.package, more_checks, How(set_empty=set_empty))
    discard_draft(work)
    return changes


def _require_agreed(work: UnitOfWork, package: Package, agreed: Collection[str]) -> None:
    hidden = hidden_by(diff(work.schema.stored, wished(work, package)))
    if more := [each for each in hidden if each not in agreed]:
        raise NotAgreed(
            "The plan hides or converts more than you agreed to. Look at it again, then publish.",
            [Problem(each.partition(" ")[2], each) for each in more],
        )


def _origins(draft: Draft) -> Package:
    return read_bodies({key: each.origin for key, each in draft.edited.items() if each.origin is not None})


def _live_of(work: UnitOfWork, draft: Draft) -> Package:
    """The same as `_origins`, as they are now."""
    touched = {key.partition("/")[0] + "/" + (each.origin or each.body)["name"] for key, each in draft.edited.items()}
    stored = work.schema.stored
    return Package.of({kind: [d for d in getattr(stored, kind) if f"{kind}/{d.name}" in touched] for kind in KINDS})
