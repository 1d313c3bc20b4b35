from typing import Literal

from pydantic import Field

from crm_app.definitions.model import ApiName, Label, Part

StageKind = Literal["open", "won", "lost"]
When = Literal["entry", "move"]
_CHANCES = {"won": 100, "lost": 0}


class Gate(Part):
    """What a record must hold to pass: `rule` is true (unknown does not open it; else `message` says why) and the
    `required` fields hold something.
    """

    rule: str = Field(default="", title="Rule", description="Must be true for the record as it would be saved.")
    message: str = Field(default="", max_length=300, title="Message", description="What to do when it is not.")
    required: tuple[ApiName, ...] = Field(default=(), max_length=20, title="Required fields")


class EntryGate(Gate):
    """`on` says whom it stops: whatever comes to be in the stage (`entry`), or only what moves there from another one
    (`move`), so that a record may be created there as it is, as history is imported.
    """

    on: When = Field(default="entry", title="Applies to")


class Stage(Part):
    """One position. `name` is an option of the pipeline's field; `probability` is in percent, and counts for open
    stages only. A record that stays longer than `rotting_days` is marked. `to`, where given, names the only stages
    that follow (none at all for a last one) and `roles` who may move a record here.
    """

    name: ApiName
    kind: StageKind = "open"
    probability: int = Field(default=0, ge=0, le=100)
    rotting_days: int | None = Field(default=None, ge=1, le=3650)
    gate: EntryGate | None = None
    exit: Gate | None = None
    to: tuple[ApiName, ...] | None = None
    roles: tuple[ApiName, ...] = ()

    @property
    def chance(self) -> int:
        """In percent: what is won is certain and what is lost is gone, whatever was written down."""
        return _CHANCES.get(self.kind, self.probability)


class Pipeline(Part):
    """An ordered process over one select field. Several may share a field: the first whose rule `when` holds is the
    record's. `amount` is the currency field that a board adds up. Without `skip` no open stage is jumped over, without
    `back` nothing returns to an earlier stage or out of a closed one; `roles` are those who may move records at all.
    Moving to a lost stage asks for `lost_reason`, a select field; closing fills `won_date` or `lost_date`.
    """

    name: ApiName
    label: Label
    field: ApiName
    when: str = Field(default="", description="A rule over the record's own fields: which records this is for.")
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=100)
    amount: str = ""
    skip: bool = True
    back: bool = True
    roles: tuple[ApiName, ...] = ()
    lost_reason: str = ""
    lost_reason_on: When = "entry"
    won_date: str = ""
    lost_date: str = ""

    def stage(self, name: object) -> Stage | None:
        return next((stage for stage in self.stages if stage.name == name), None)

    def index(self, stage: Stage) -> int:
        return self.stages.index(stage)

    def closing_date(self, stage: Stage) -> str:
        """The field that entering the stage fills, or empty."""
        return {"won": self.won_date, "lost": self.lost_date}.get(stage.kind, "")


def applies(on: When, *, is_creation: bool) -> bool:
    return on == "entry" or not is_creation


def entry_fields(pipeline: Pipeline, stage: Stage, *, is_creation: bool) -> tuple[str, ...]:
    """The fields that hold something in every record that enters the stage, the reason for a loss included."""
    gate = stage.gate if stage.gate and applies(stage.gate.on, is_creation=is_creation) else None
    asks_why = stage.kind == "lost" and applies(pipeline.lost_reason_on, is_creation=is_creation)
    reason = (pipeline.lost_reason,) if pipeline.lost_reason and asks_why else ()
    return tuple(dict.fromkeys((*reason, *(gate.required if gate else ()))))


def since_name(field: str) -> str:
    """The system's field beside a pipeline's: since when the record is in its stage."""
    return f"{field}_since"
