"""Who can see a record or a field, and why; why somebody can't do something, the smallest change that would let them,
and who can make it. Of a record that the asker can't see nothing is said that would differ were it not there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from uuid import UUID

from sqlalchemy import select

from crm_app.access.decide import Verdicts
from crm_app.access.explain import Why, why
from crm_app.access.policy import ANY, Action, Policy
from crm_app.access.visible import EVERYONE, Holds
from crm_app.access.who import Share, ShareLevel, Who
from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel.errors import Clause, Forbidden, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.access_words import line_words, role_words, verb_words, which_words
from crm_app.services.closed_fields import without_unreadable
from crm_app.services.in_person import is_administrator
from crm_app.services.lists import require_readable
from crm_app.services.live import load_people
from crm_app.services.policies import compiled, stored_lines
from crm_app.services.reasons import reasons
from crm_app.services.record_rules import RecordRules
from crm_app.services.standing import WORKSPACE
from crm_app.services.targets import without_unseen
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.why_answers import Answer, Remedy, Viewer, Viewers
from crm_app.storage.shape import StoredRecord
from crm_app.storage.system_tables import UserRow, table_of

MAX_PEOPLE = 1_000
NAMED = 5
IN_OTHER_NAME = "Publish the workflow in the name of somebody who may"
_SHARED: Mapping[str, ShareLevel] = {"read": "read", "edit": "edit"}


def who_can(
    work: UnitOfWork, ref: RecordRef, action: Action = "read", field: str = "", after: UUID | None = None
) -> Viewers:
    """Active people by name. With a field, those who know what is in it, or with the level `mask` that something is."""
    record = _seen(work, ref)
    if field:
        require_readable(work, ref.object, field)
    asked = _Asked(work, ref.object, record, after)
    found: list[Viewer] = []
    for who in sorted(asked.people.values(), key=lambda each: (each.name.casefold(), str(each.user_id))):
        answer = asked.of(who, action)
        level = asked.level(who, field) if field else "read"
        if answer.holds and level != "none" and who.user_id is not None:
            found.append(Viewer(who.user_id, who.name, asked.sentences(answer), level))
    is_full = len(asked.people) == MAX_PEOPLE
    return Viewers(tuple(found), max(asked.people) if is_full else None)


def why_not(work: UnitOfWork, ref: RecordRef, action: Action, field: str = "") -> Answer:
    """Whether the actor themself may do it, and what would let them."""
    definition = work.definition(ref.object)
    record = work.records.fetch(ref.object, [ref.id], work.reach("read", ref.object)).get(ref.id)
    if record is None:
        return _unseen(work, definition)
    asked = _Asked(work, ref.object, record)
    answer, me = asked.of(work.who, action), work.who
    level = asked.level(me, field) if field else "edit"
    lowered = field and level in ({"none", "mask"} if action == "read" else {"none", "mask", "read"})
    may = work.access(ref.object).allows(action) and work.reaches(action, ref.object, record)
    if work.is_publishers(action, ref.object, record):
        said = work.standing.of_publisher(f"{verb_words(action)} this {definition.label.lower()}")
        return Answer(allowed=False, reasons=(said,), remedy=asked.by_administrators(IN_OTHER_NAME))
    if may and not lowered:
        return Answer(allowed=True, reasons=asked.sentences(answer))
    return asked.closed_field(definition, field, level) if lowered else asked.refusal(definition, answer)


@dataclass
class _Asked:
    """One record about which somebody asks, and of the accounts those after one."""

    work: UnitOfWork
    object: str
    record: StoredRecord
    after: UUID | None = None

    @property
    def definition(self) -> ObjectDefinition:
        return self.work.catalog.by_name[self.object]

    @cached_property
    def policy(self) -> Policy:
        return compiled(stored_lines(self.work.connection))

    @cached_property
    def people(self) -> dict[UUID, Who]:
        users = table_of(UserRow)
        query = select(users.c.id).where(users.c.is_active).order_by(users.c.id).limit(MAX_PEOPLE)
        query = query.where(users.c.id > self.after) if self.after else query
        return load_people(self.work.connection, list(self.work.connection.execute(query).scalars()))

    def verdicts(self, who: Who) -> Verdicts:
        return self.work.schema.verdicts(who, self.policy)

    def of(self, who: Who, action: Action) -> Why:
        """What the person's roles and shares say; what must be readable first is said of reading."""
        found = self._of(who, action)
        read = found if action in ("read", "create") else self._of(who, "read")
        return found if read.holds or found is read else replace(found, lines=read.lines, shares=read.shares)

    def _of(self, who: Who, action: Action) -> Why:
        verdicts = self.verdicts(who)
        scopes = verdicts.scopes(self.object)
        if scopes is None:
            raise NotFound("There is no such object.")
        lines = [line for role in sorted(verdicts.roles) for line in self.policy.lines_of(role)]
        return why(scopes, lines, action, self.known, self._holding(who))

    @cached_property
    def known(self) -> StoredRecord:
        """What the asker may know of the record: no answer about anybody goes by more, but to an administrator."""
        work = self.work
        if is_administrator(work):
            return self.record
        closed, (seen,) = work.closed(self.object), without_unseen(work, self.definition, [self.record])
        return replace(seen, values={name: value for name, value in seen.values.items() if name not in closed})

    def _holding(self, who: Who) -> Holds:
        if self.known is self.record:
            return self.work.holding(self.record, who)
        inputs = RecordRules(self.work, self.definition).inputs(self.known.values, self.record.id)
        inputs = replace(inputs, me=who.user_id, time_zone=who.time_zone)
        return lambda rule: rule.holds(inputs) is True

    def may(self, who: Who, action: Action) -> bool:
        return self.of(who, action).holds

    def level(self, who: Who, field: str) -> str:
        access = without_unreadable(self.work.schema, self.object, self.verdicts(who).on)
        if field in access.hidden:
            return "none"
        if field in access.masked:
            return "mask"
        return "read" if field in access.read_only else "edit"

    def sentences(self, answer: Why) -> tuple[str, ...]:
        said = [line_words(self.work, self.definition, answer.action, line) for line in answer.granting]
        for share in answer.shares:
            until = f" until {share.until:%Y-%m-%d %H:%M} UTC" if share.until else ""
            said.append(f"It was shared with {'their role' if share.role else 'them or their team'}{until}.")
        if answer.is_manager:
            said.append("They manage its owner.")
        return tuple(dict.fromkeys(said))

    def refusal(self, definition: ObjectDefinition, answer: Why) -> Answer:
        work, action = self.work, answer.action
        lines = answer.denying or answer.closing or answer.short
        said = tuple(dict.fromkeys(_to_you(line_words(work, definition, action, line)) for line in lines))
        if not said:
            said = (f"None of your roles lets you {verb_words(action)} {definition.plural.lower()}.",)
        return Answer(
            allowed=False, reasons=said, clauses=self._clauses(answer), remedy=self._remedy(definition, answer)
        )

    def closed_field(self, definition: ObjectDefinition, field: str, level: str) -> Answer:
        label = definition.all_fields[field].label
        roles = [
            role
            for role in sorted(self.work.roles)
            for line in self.policy.lines_of(role)
            if line[1] in (ANY, self.object) and line[2] == field
        ]
        words = {"none": "hidden", "mask": "masked", "read": "read-only"}[level]
        by = ", ".join(role_words(self.work, role) for role in dict.fromkeys(roles))
        said = f"{label} is {words} for {by}." if by else f"{label} is worked out, or closed, for your roles."
        return Answer(
            allowed=False, reasons=(said,), remedy=self.by_administrators(f"Give you a role to which {label} is open")
        )

    def _clauses(self, answer: Why) -> tuple[Clause, ...]:
        """The smallest change of the record for which one of the rules would be true."""
        rules = [line.rule for line in (answer.closing or answer.short) if line.rule]
        known = RecordRules(self.work, self.definition)
        inputs = known.inputs(self.known.values, self.record.id)
        found = [
            reasons(self.work, self.work.schema.rules.of(self.object, text), inputs, wanted=True) for text in rules
        ]
        return min((each for each in found if each), key=len, default=())

    def _remedy(self, definition: ObjectDefinition, answer: Why) -> Remedy | None:
        """The smallest that is found to be enough: each is tried before it is said."""
        one, action, me = definition.label.lower(), answer.action, self.work.who
        shared = _SHARED.get(action)
        if shared is not None:
            share = Share(self.object, self.record.id, shared)
            if self.may(replace(me, shares=(*me.shares, share)), action):
                return self._by("share", f"Share this {one} with you, to {shared}", "share")
        if me.user_id is not None and self._owned().may(me, action):
            return self._by("transfer", f"Make you the owner of this {one}", "transfer")
        for role in sorted(self.work.catalog.roles, key=lambda each: each.label):
            if self.may(replace(me, roles=(*me.roles, role.name)), action):
                return self.by_administrators(f"Give you the role {role.label}")
        if self._clauses(answer):
            return self._by("record", f"Change this {one} as said", "edit")
        return self.by_administrators(f"Change what your roles let you do with {definition.plural.lower()}")

    def _owned(self) -> "_Asked":
        values = {**self.record.values, "owner": self.work.who.user_id}
        return _Asked(self.work, self.object, replace(self.record, values=values))

    def _by(self, kind: str, sentence: str, action: Action) -> Remedy:
        able = [who for who in self.people.values() if who.user_id != self.work.who.user_id and self.may(who, action)]
        return _remedy(kind, sentence, able)

    def by_administrators(self, sentence: str) -> Remedy:
        able = [who for who in self.people.values() if self.verdicts(who).on(WORKSPACE).allows("administer")]
        return _remedy("role", sentence, able)


def _seen(work: UnitOfWork, ref: RecordRef) -> StoredRecord:
    """Whole, of a record that the asker can see."""
    definition = work.definition(ref.object)
    if not work.records.existing(ref.object, [ref.id], work.reach("read", ref.object)):
        raise NotFound(f"There is no such {definition.label.lower()}, or you may not see it.")
    if not is_administrator(work) and work.standing.only_looks:
        raise Forbidden("Who can see a record is said to people who look as themselves.")
    return work.records.fetch(ref.object, [ref.id], EVERYONE)[ref.id]


def _unseen(work: UnitOfWork, definition: ObjectDefinition) -> Answer:
    """The same for a record that is not there: it follows from the asker's roles alone."""
    policy = compiled(stored_lines(work.connection))
    scopes = work.schema.verdicts(work.who, policy).scopes(definition.name)
    lines = [line for role in sorted(work.roles) for line in policy.lines_of(role)] if scopes else []
    nothing = StoredRecord(UUID(int=0), 0, {})
    said = why(scopes, lines, "read", nothing, lambda _rule: False).lines if scopes else ()
    which = [which_words(work, definition, line) for line in said if line.effect == "allow"]
    one = definition.label.lower()
    sentence = f"If there is such a {one}, it is not among those that you may read: {'; '.join(dict.fromkeys(which))}."
    remedy = Remedy("share", f"Ask whoever may share it, if there is such a {one}, or an administrator")
    return Answer(allowed=False, reasons=(sentence,), remedy=remedy)


def _to_you(sentence: str) -> str:
    return sentence.replace(" they ", " you ").replace(" their ", " your ")


def _remedy(kind: str, sentence: str, able: Iterable[Who]) -> Remedy:
    names = sorted(who.name for who in able)
    return Remedy(kind, f"{sentence}.", tuple(names[:NAMED]), len(names))
