from collections.abc import Iterator, Mapping
from typing import Any, Literal
from uuid import UUID

from crm_app.automation.step_type import Need, Place, StepConfig, StepRun, StepType
from crm_app.fields.own_objects import TERRITORY_OBJECT, USER_OBJECT
from crm_app.fields.rule_type import RuleType, ref
from crm_app.kernel.errors import NotFound
from crm_app.services.assignments import least_busy, next_in_turn
from crm_app.services.people import holders_of_role, keepers_of_territory, members_of_team, team_named
from crm_app.services.records import update_record


class AssignConfig(StepConfig):
    """Gives the record to one of a `team`, of those who hold a `role` or of those who look after a `territory` (an
    expression that gives one; where nobody looks after it, the one that it lies in), by turns (`round_robin`) or to who
    has the fewest records of its kind (`least_open`; `open` is a rule that says which of them count). `field` is where
    the person is put.
    """

    record: str = "id"
    team: str = ""
    role: str = ""
    territory: str = ""
    by: Literal["round_robin", "least_open"] = "round_robin"
    open: str = ""
    field: str = "owner"


def _check(config: AssignConfig, place: Place) -> Mapping[str, RuleType]:
    name = place.record("record", config.record)
    if sum(map(bool, (config.team, config.role, config.territory.strip()))) != 1:
        place.refuse("team", "Say one of them: whose turn it is in a team, in a role, or in a territory.")
    if config.territory.strip():
        _check_territory(place, config.territory)
    if config.role and config.role not in {role.name for role in place.catalog.roles}:
        place.refuse("role", f"There is no role '{config.role}'.")
    if not name:
        return {}
    definition = place.catalog.by_name[name]
    field = definition.all_fields.get(config.field)
    if field is None or field.target != USER_OBJECT or (field.is_read_only and field.name != "owner"):
        place.refuse("field", f"'{config.field}' holds no person that could be chosen.")
    if config.open.strip():
        place.query("open", name, config.open)
    return {"user": ref(USER_OBJECT).required()}


def _check_territory(place: Place, text: str) -> None:
    found = place.rule("territory", text, None)
    if found is not None and found.type.object != TERRITORY_OBJECT:
        place.refuse("territory", f"Expected a territory, but `{found.text}` is {found.type}.")


def _needs(config: AssignConfig, place: Place) -> Iterator[Need]:
    if rule := place.rules.get("record"):
        yield Need("edit", rule.type.object)
        if config.field == "owner":
            yield Need("transfer", rule.type.object)


def _run(step: StepRun) -> Mapping[str, Any]:
    config: AssignConfig = step.config
    target, (pool, people) = step.record(), _people(step)
    if not people:
        raise NotFound(f"There is nobody to assign to in {'the territory' if config.territory else pool}.")
    rota = f"{target.object}.{config.field} to {pool}"
    if config.by == "round_robin":
        chosen = next_in_turn(step.work, rota, people)
    else:
        chosen = least_busy(step.work, rota, people, target.object, config.field, step.query("open"))
    update_record(step.work, target, {config.field: chosen})
    return {"user": chosen}


def _people(step: StepRun) -> tuple[str, list[UUID]]:
    """What they are called together, and who they are."""
    config: AssignConfig = step.config
    if config.role:
        return f"role {config.role}", holders_of_role(step.work, config.role)
    if config.team:
        team = team_named(step.work, config.team)
        if team is None:
            raise NotFound(f"There is no team '{config.team}' to assign to.")
        return f"team {config.team}", members_of_team(step.work, team)
    territory = step.values["territory"]
    if territory is None:
        raise NotFound("The record is in no territory, so there is nobody to assign it to.")
    territory, people = keepers_of_territory(step.work, territory)
    return f"territory {territory}", people


STEP_TYPE = StepType(
    name="assign",
    label="Assign to a person",
    description=(
        "Gives a record to a person of a team, role or territory: by turns, or to who has the fewest; gives the `user`."
    ),
    config=AssignConfig,
    check=_check,
    needs=_needs,
    run=_run,
    queries=("open",),
    examples=(
        {"id": "hand_out", "type": "assign", "team": "North"},
        {"id": "spread", "type": "assign", "role": "sales_rep", "by": "least_open", "open": "stage != 'won'"},
        {"id": "near", "type": "assign", "territory": "region", "by": "least_open"},
    ),
)
