"""A trigger and a tree of blocks. A step type's own settings are checked by `automation/`, which knows them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field

from crm_app.definitions.model import ApiName, Definition, Part

WAITS_FOR, CODE = "wait_for", "code"
# Steps whose object, where they don't say it, is the one that the workspace has for it.
WORKSPACE_CHOOSES = frozenset({"task"})
# Steps and triggers that reach other machines, each with the type of the connection that they name.
CONNECTED = {"http": "http", "email": "smtp", "email.received": "imap"}


class Step(BaseModel):
    """One unit. `id` is its place in the history and its key in the effect ledger; `name` is what people call it and
    `note` why it is there; `compensate` undoes it where something after it fails. Further keys are its config, in which
    lists of steps may stand.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    id: ApiName
    type: ApiName
    name: str = Field(default="", max_length=100)
    note: str = Field(default="", max_length=1000)
    compensate: "tuple[Step, ...]" = Field(default=(), max_length=100)

    @property
    def config(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class Trigger(BaseModel):
    """What starts a run. `when` is a rule over the record, with `old.` for what it was; further keys are its config."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: str
    object: ApiName
    when: str = ""

    @property
    def config(self) -> dict[str, Any]:
        return dict(self.model_extra or {})

    @property
    def is_batch(self) -> bool:
        """Whether its run is about many records at once."""
        return self.config.get("batch") is True

    @property
    def is_alone(self) -> bool:
        """Whether its run is about no record at all."""
        return self.config.get("once") is True

    @property
    def about(self) -> tuple[str, bool, bool]:
        """Runs of two versions are about the same where this is."""
        return self.object, self.is_batch, self.is_alone


class Limits(Part):
    """`causation_depth` automations in a row may set each other off; `runs_per_hour` is for one record. `deadline`
    is how long a run may take, waits included.
    """

    causation_depth: int = Field(default=5, ge=1, le=20)
    max_steps: int = Field(default=2000, ge=1, le=10_000)
    runs_per_hour: int = Field(default=100, ge=1, le=10_000)
    deadline: timedelta = Field(default=timedelta(days=365), ge=timedelta(minutes=1), le=timedelta(days=3650))


class AutomationDefinition(Definition):
    description: str = Field(default="", max_length=1000)
    trigger: Trigger
    steps: tuple[Step, ...] = Field(default=(), max_length=1000)
    run_as: str = "owner"
    limits: Limits = Limits()
    is_active: bool = True
    archived: bool = False

    @property
    def listens_to(self) -> frozenset[str]:
        return listens_to({"trigger": {"object": self.trigger.object}, "steps": self.steps_json})

    @property
    def steps_json(self) -> list[dict[str, Any]]:
        return [step.model_dump(mode="json") for step in self.steps]


def listens_to(body: Mapping[str, Any]) -> frozenset[str]:
    """The objects whose facts the trigger and the waits of an automation want."""
    waits = {step["object"] for _, step in steps_within(body["steps"]) if step["type"] == WAITS_FOR}
    return frozenset({body["trigger"]["object"]} | waits)


def steps_within(body: object, at: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every step in the JSON of an automation, however deep, with its place. A step is whatever has an id and a type
    and stands in a list; no config may hold anything else that does.
    """
    if isinstance(body, Mapping):
        for key, inner in cast("Mapping[str, object]", body).items():
            yield from steps_within(inner, f"{at}/{key}" if at else key)
    elif isinstance(body, list | tuple):
        for index, item in enumerate(cast("Sequence[object]", body)):
            place = f"{at}/{index}"
            if _is_step(item):
                yield place, cast("Mapping[str, Any]", item)
            yield from steps_within(item, place)


def _is_step(item: object) -> bool:
    if not isinstance(item, Mapping):
        return False
    known = cast("Mapping[str, object]", item)
    return isinstance(known.get("id"), str) and isinstance(known.get("type"), str)
