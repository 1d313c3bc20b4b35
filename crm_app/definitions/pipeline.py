from typing import Literal

from pydantic import Field

from crm_app.definitions.model import ApiName, Label, Part

StageKind = Literal["open", "won", "lost"]


class Stage(Part):
    """One position. `name` is an option of the pipeline's field; `probability` is in percent."""

    name: ApiName
    kind: StageKind = "open"
    probability: int = Field(default=0, ge=0, le=100)


class Pipeline(Part):
    """An ordered process over one select field. `amount` is the currency field that a board adds up."""

    name: ApiName
    label: Label
    field: ApiName
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=100)
    amount: str = ""
