"""Moving a record, and what the dialog asks for when a stage needs more than the record holds."""

from dataclasses import dataclass
from typing import Any

from crm_app.kernel.errors import NotFound, TrellisError
from crm_app.kernel.events import RecordRef
from crm_app.services import objects, records
from crm_app.services.duplicates import Passes, never
from crm_app.services.pipelines import find_process
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.records.form_data import FormField, form_fields
from crm_app.ui.records.form_values import raw_values
from crm_app.ui.records.record_data import NO_RECORD, ref_of
from crm_app.ui.refusals import sentence


@dataclass(frozen=True)
class Wish:
    """A move that somebody asked for, as the browser said it: nothing of it is known to be true."""

    of_object: str
    record: str
    pipeline: str
    stage: str
    version: int | None

    @staticmethod
    def of(name: str, record: object, pipeline: str, stage: object, version: object) -> "Wish":
        seen = version if isinstance(version, int) else None
        return Wish(name, str(record), pipeline, str(stage), seen)

    @property
    def ref(self) -> RecordRef:
        found = ref_of(self.of_object, self.record)
        if found is None:
            raise NotFound(NO_RECORD)
        return found


@dataclass(frozen=True)
class Question:
    """What is missing, as inputs; or what can be changed so that a gate opens, which `said` tells of."""

    title: str
    submit_label: str
    said: str
    fields: list[FormField]


def moved(work: UnitOfWork, wish: Wish, form: dict[str, Any] | None = None, passes: Passes = never) -> str:
    """Moves the record, with what was filled in on the way; says what was done."""
    process = find_process(work, wish.of_object, wish.pipeline)
    filled = raw_values(work, wish.of_object, form) if form else {}
    values = {**filled, process.pipeline.field: wish.stage}
    saved = records.update_record(work, wish.ref, values, wish.version, passes)
    return f"{saved.name} moved to {process.label(wish.stage)}."


def question(work: UnitOfWork, wish: Wish, refusal: TrellisError) -> Question | None:
    """`None` where this person can't fill in all that is needed, or nothing of what a gate is about: then the refusal
    speaks for itself.
    """
    needs, turns = refusal.details.get("needs") or (), refusal.details.get("turns") or ()
    editable = objects.editable_fields(work, wish.of_object)
    names = [name for name in turns if name in editable] or list(needs)
    if not names or not set(names) <= editable:
        return None
    process = find_process(work, wish.of_object, wish.pipeline)
    record = records.get_record(work, wish.ref)
    label = process.label(wish.stage)
    fields: list[FormField] = [
        {**each, "is_required": each["is_required"] or bool(needs)} for each in form_fields(work, record, names)
    ]
    return Question(f"Move {record.name} to {label}", f"Move to {label}", sentence(refusal) if turns else "", fields)
