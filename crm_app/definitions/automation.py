"""A trigger and a tree of blocks. A step type's own settings are checked by `automation/`, which knows them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from crm_app.definitions.model import ApiName, Definition, Part


class Step(BaseModel):
    """One unit. `id` is its place in the history and its key in the effect ledger; further keys are its config."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: ApiName
    type: ApiName

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


class Limits(Part):
    causation_depth: int = Field(default=5, ge=1, le=20)
    max_steps: int = Field(default=2000, ge=1, le=10_000)


class AutomationDefinition(Definition):
    description: str = Field(default="", max_length=1000)
    trigger: Trigger
    steps: tuple[Step, ...] = Field(min_length=1, max_length=1000)
    run_as: str = "owner"
    limits: Limits = Limits()
    is_active: bool = True
    archived: bool = False
