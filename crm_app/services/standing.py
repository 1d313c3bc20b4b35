"""Who acts at this moment and by what rights: looked up again for every unit of work, so that revoking takes effect on
the next request, in every process.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from crm_app.access.decide import Verdicts
from crm_app.access.delegation import Answers, Both, Scoped, Unbound, scopes_of
from crm_app.access.who import Who
from crm_app.kernel.actor import Actor, AutomationActor, KeyActor, SystemActor
from crm_app.kernel.errors import Forbidden, NotFound, Unauthenticated
from crm_app.services.identification import LOOK_AS, Identity, KeyLimits, Mode, Published

WORKSPACE = "*"
_READS = frozenset({("*", "read")})
_ALL = (WORKSPACE, "*")
Find = Callable[[UUID], Who | None]
Judge = Callable[[Who], Verdicts]


class PublisherGone(Forbidden):
    """Nobody stands behind what a run does any more, so it does nothing."""

    code = "publisher_gone"


class PublisherLacks(Forbidden):
    """The runner might, but whoever published what the run does may not."""

    code = "publisher_lacks"


class PublisherSeesNot(NotFound):
    """The same of a record, or an object, that the runner sees."""

    code = "publisher_lacks"


@dataclass(frozen=True)
class Standing:
    """`who` is the person whose records are "mine"; `actual` the one behind the screen. They differ while somebody
    looks as somebody else, and then nothing can be changed. `is_limited`: a key that may do less than its person,
    `is_narrow` one that reads less. `alone` is what a run's runner might do, were it not for the `publisher`.
    """

    who: Who
    answers: Answers
    actual: Who
    mode: Mode | None = None
    key: str = ""
    is_limited: bool = False
    is_narrow: bool = False
    publisher: Who | None = None
    alone: Verdicts | None = None

    def of_publisher(self, what: str) -> str:
        """What they may not, in a sentence for whoever looks at the run. `what`: "edit deals"."""
        name = self.publisher.name if self.publisher else ""
        return f"{name}, who published this workflow, may not {what}. A run does what its runner and they both may."

    @property
    def only_looks(self) -> bool:
        return self.actual is not self.who

    def body(self, actor: Actor) -> dict[str, str]:
        """How the audit and the outbox name the actor."""
        body = {"user": str(self.who.user_id) if self.who.user_id else "", "name": self.who.name}
        if self.only_looks:
            body |= {"by": str(self.actual.user_id), "by_name": self.actual.name}
        elif self.mode is not None:
            body["glass"] = self.mode.reason
        match actor:
            case AutomationActor(automation=automation, run_id=run_id):
                return {**body, "kind": "automation", "automation": automation, "run": str(run_id)}
            case SystemActor(reason=reason):
                return {**body, "kind": "system", "reason": reason}
            case KeyActor():
                return {**body, "kind": "key", "key": self.key}
            case _:
                return {**body, "kind": "user"}


def standing(actor: Actor, identity: Identity, judge: Judge, find: Find) -> Standing:
    """`judge` says what a person may do, `find` who has an active account."""
    if isinstance(actor, SystemActor):
        who = Who(None, "Trellis", time_zone=actor.time_zone or identity.time_zone, is_system=True)
        return Standing(who, judge(who), who)
    who = find(identity.user_id) if identity.user_id is not None else None
    if who is None:
        raise Unauthenticated("Please log in.")
    own = judge(who)
    if identity.key is not None:
        return _by_key(identity.key, own, judge)
    if identity.published is not None:
        return _published(identity.published, own, judge, find)
    if identity.mode is not None and own.on(WORKSPACE).allows("administer"):
        return _in_mode(identity.mode, own, judge, find)
    return Standing(who, own, who)


def _by_key(key: KeyLimits, owner: Verdicts, judge: Judge) -> Standing:
    """The owner's rights of this moment, less what the key leaves out. A role that the owner lost is lost to it, and
    one that closes something to them closes it to the key, whatever roles it has.
    """
    who, answers, scopes = owner.who, owner, frozenset({_ALL})
    found: Answers = owner
    if key.roles is not None:
        answers = judge(replace(who, roles=tuple(role for role in key.roles if role in owner.roles)))
        who, found = answers.who, Both(answers, owner)
    if key.scopes is not None:
        scopes = scopes_of(key.scopes)
        found = Scoped(found, scopes)
    has_all_roles = answers.roles == owner.roles
    is_narrow = not (has_all_roles and scopes & {(WORKSPACE, "read"), _ALL})
    is_limited = not (has_all_roles and _ALL in scopes)
    return Standing(who, found, who, key=key.prefix, is_limited=is_limited, is_narrow=is_narrow)


def _published(published: Published, runner: Verdicts, judge: Judge, find: Find) -> Standing:
    """What the runner and the publisher both may, at this moment."""
    who = runner.who
    if published.by is None or published.by == who.user_id:
        return Standing(who, runner, who)
    publisher = find(published.by)
    if publisher is None:
        raise PublisherGone(
            "Whoever published this workflow has no active account any more, so it does nothing. An administrator "
            "can publish it in their own name, under Workflows; then its stopped runs can go on."
        )
    return Standing(who, Both(runner, judge(publisher)), who, publisher=publisher, alone=runner)


def _in_mode(mode: Mode, own: Verdicts, judge: Judge, find: Find) -> Standing:
    """Only as long as the person administers, and whom they look as has an account."""
    if mode.kind != LOOK_AS:
        return Standing(own.who, Unbound(own), own.who, mode)
    target = find(mode.target) if mode.target is not None else None
    if target is None:
        return Standing(own.who, own, own.who)
    return Standing(target, Scoped(Both(judge(target), own), _READS), own.who, mode)
