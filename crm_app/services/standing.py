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
from crm_app.kernel.errors import Unauthenticated
from crm_app.services.identification import LOOK_AS, Identity, KeyLimits, Mode

WORKSPACE = "*"
_READS = frozenset({("*", "read")})
Find = Callable[[UUID], Who | None]
Judge = Callable[[Who], Verdicts]


@dataclass(frozen=True)
class Standing:
    """`who` is the person whose records are "mine"; `actual` the one behind the screen. They differ while somebody
    looks as somebody else, and then nothing can be changed.
    """

    who: Who
    answers: Answers
    actual: Who
    mode: Mode | None = None
    key: str = ""

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
        who = Who(None, "Trellis", is_system=True)
        return Standing(who, judge(who), who)
    who = find(identity.user_id) if identity.user_id is not None else None
    if who is None:
        raise Unauthenticated("Please log in.")
    own = judge(who)
    if identity.key is not None:
        return _by_key(identity.key, own, judge)
    if identity.mode is not None and own.on(WORKSPACE).allows("administer"):
        return _in_mode(identity.mode, own, judge, find)
    return Standing(who, own, who)


def _by_key(key: KeyLimits, owner: Verdicts, judge: Judge) -> Standing:
    """The owner's rights of this moment, less what the key leaves out. A role that the owner lost is lost to it."""
    answers: Answers = owner
    if key.roles is not None:
        held = tuple(role for role in key.roles if role in owner.roles)
        answers = judge(replace(owner.who, roles=held))
    who = answers.who
    if key.scopes is not None:
        answers = Scoped(answers, scopes_of(key.scopes))
    return Standing(who, answers, who, key=key.prefix)


def _in_mode(mode: Mode, own: Verdicts, judge: Judge, find: Find) -> Standing:
    """Only as long as the person administers, and whom they look as has an account."""
    if mode.kind != LOOK_AS:
        return Standing(own.who, Unbound(own), own.who, mode)
    target = find(mode.target) if mode.target is not None else None
    if target is None:
        return Standing(own.who, own, own.who)
    return Standing(target, Scoped(Both(judge(target), own), _READS), own.who, mode)
