"""One role as its page shows it: what it may do, who has it, and the lines that Casbin gets."""

from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from crm_app.automation.plans import role_warnings
from crm_app.definitions.policy_text import role_text
from crm_app.definitions.role import ADMIN, RoleDefinition
from crm_app.definitions.role_edits import conditions
from crm_app.kernel.errors import NotFound, TrellisError
from crm_app.services.difference_words import headline
from crm_app.services.role_people import Holder, given_difference, holders, with_role, without_role
from crm_app.services.roles import Role, all_roles, is_overtaken, one_role, require_sound_role, role_difference
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.builder.builder_data import MORE_CHECKS
from crm_app.ui.inputs import Choice
from crm_app.ui.roles.difference_data import NO_DIFFERENCE, DifferenceData, difference_data
from crm_app.ui.roles.matrix_data import COLUMNS, SCOPE_WORDS, MatrixLine, matrix

KIND_WORDS = {"role": "Role", "permission_set": "Permission set"}
LEVELS = (("edit", "As the object"), ("read", "Read only"), ("mask", "Masked"), ("none", "Hidden"))


class Person(TypedDict):
    id: str
    name: str
    email: str
    state: str


class RoleHead(TypedDict):
    """`key` fills the inputs anew when it changes. `may_administer` is a line for all objects."""

    key: str
    name: str
    label: str
    description: str
    kind: str
    state: str
    is_set: bool
    is_archived: bool
    may_administer: bool
    parents: list[Choice]
    text: str
    problems: list[str]
    is_overtaken: bool
    can_save: bool


class FieldLevelLine(TypedDict):
    name: str
    label: str
    level: str


class Condition(TypedDict):
    """A grant by a rule, or a restriction; `at` is its number, `place` what the rule editor calls it."""

    at: int
    key: str
    place: str
    is_new: bool
    effect: str
    scope: str
    rule: str
    actions: list[Choice]


class ObjectPanel(TypedDict):
    name: str
    label: str
    fields: list[FieldLevelLine]
    conditions: list[Condition]
    scopes: list[Choice]


NO_HEAD = RoleHead(
    key="", name="", label="", description="", kind="", state="", is_set=False, is_archived=False,
    may_administer=False, parents=[], text="", problems=[], is_overtaken=False, can_save=False,
)  # fmt: skip
NO_PANEL = ObjectPanel(name="", label="", fields=[], conditions=[], scopes=[])


@dataclass(frozen=True)
class RoleData:
    head: RoleHead
    lines: list[MatrixLine]
    people: list[Person]


def state_of(role: Role) -> str:
    return "New" if role.was is None else "Changed" if role.is_changed else "Archived" if role.now.archived else ""


def role_data(work: UnitOfWork, name: str, turn: int) -> RoleData:
    if name == ADMIN:
        return _administrator(work)
    role = one_role(work, name)
    return RoleData(head_data(work, name, turn), matrix(work, role), people_data(work, name))


def _administrator(work: UnitOfWork) -> RoleData:
    head: RoleHead = {**NO_HEAD, "key": ADMIN, "name": ADMIN, "label": "Administrator", "kind": KIND_WORDS["role"]}
    head["description"] = "May do everything. Every workspace has this role, and somebody always has it."
    return RoleData(head, [], people_data(work, ADMIN))


def head_data(work: UnitOfWork, name: str, turn: int) -> RoleHead:
    found = all_roles(work)
    role = next((each for each in found if each.now.name == name), None)
    if role is None:
        raise NotFound(f"There is no role '{name[:50]}'.")
    problems = _problems(work, role.now) if role.is_changed else []
    overtaken = is_overtaken(work, name)
    return RoleHead(
        key=f"{name} {turn}",
        name=name,
        label=role.now.label,
        description=role.now.description,
        kind=KIND_WORDS[role.now.kind],
        state=state_of(role),
        is_set=role.now.kind == "permission_set",
        is_archived=role.now.archived,
        may_administer=any(line[2:5] == ("*", "*", "administer") for line in role.now.policy_lines()),
        parents=[_parent(role.now, each.now) for each in found if _can_inherit(role.now, each.now)],
        text=role_text(role.now),
        problems=problems,
        is_overtaken=overtaken,
        can_save=role.is_changed and not problems and not overtaken,
    )


def _problems(work: UnitOfWork, role: RoleDefinition) -> list[str]:
    try:
        require_sound_role(work, role, MORE_CHECKS)
    except TrellisError as refusal:
        return [problem.sentence for problem in refusal.problems] or [refusal.message]
    return []


def _can_inherit(role: RoleDefinition, other: RoleDefinition) -> bool:
    return other.name != role.name and other.kind == "role" and not other.archived


def _parent(role: RoleDefinition, other: RoleDefinition) -> Choice:
    chosen = other.name in role.inherits
    return Choice(value=other.name, label=other.label, id=f"inherits-{other.name}", is_chosen=chosen)


def people_data(work: UnitOfWork, name: str) -> list[Person]:
    return [_person(each) for each in holders(work, name)]


def _person(holder: Holder) -> Person:
    state = "" if holder.is_active else "Inactive"
    return Person(id=str(holder.id), name=holder.name, email=holder.email, state=state)


def panel_data(work: UnitOfWork, name: str, object_name: str) -> ObjectPanel:
    """What the role says of one object beyond the matrix."""
    role = one_role(work, name).now
    definition = work.definition(object_name)
    levels = {level.field: level.level for level in role.field_levels if level.object == object_name}
    found = conditions(role.canonical(), object_name)
    return ObjectPanel(
        name=object_name,
        label=definition.plural,
        fields=[
            FieldLevelLine(name=field.name, label=field.label, level=levels.get(field.name, "edit"))
            for field in definition.all_fields.values()
        ],
        conditions=[
            *(_condition(at, object_name, each) for at, each in enumerate(found)),
            _condition(len(found), object_name, {}),
        ],
        scopes=[Choice(value=value, label=label, id=value, is_chosen=False) for value, label in SCOPE_WORDS.items()],
    )


def _condition(at: int, name: str, grant: dict[str, object]) -> Condition:
    scope = str(grant.get("scope", "rule:"))
    _, is_rule, rule = scope.partition("rule:")
    actions = grant.get("actions", [])
    chosen = actions if isinstance(actions, list) else []
    return Condition(
        at=at,
        key=f"{name} {at} {scope} {grant.get('effect', 'allow')} {chosen}",
        place=f"{name}/{at}",
        is_new=not grant,
        effect=str(grant.get("effect", "allow")),
        scope="rule" if is_rule else scope,
        rule=rule,
        actions=[
            Choice(value=value, label=label, id=f"{at}-{value}", is_chosen=value in chosen or "*" in chosen)
            for value, label in COLUMNS
        ],
    )


def change_data(work: UnitOfWork, name: str) -> DifferenceData:
    """Nothing while nothing is changed, and while what is changed doesn't fit."""
    role = one_role(work, name)
    if not role.is_changed or _problems(work, role.now):
        return NO_DIFFERENCE
    return difference_data(work, role_difference(work, role.now), role_warnings(work, role.now))


def given_words(work: UnitOfWork, role: str, person: UUID, *, is_given: bool) -> str:
    """What giving or taking the role would mean for the person."""
    roles = with_role(work, person, role) if is_given else without_role(work, person, role)
    return headline(work.catalog, given_difference(work, person, roles))
