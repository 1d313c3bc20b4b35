"""Moving a record, and what the dialog asks for when a stage needs more than the record holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services import objects, records
from crm_app.services.pipelines import find_process
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.records.form_data import FormField, form_fields
from crm_app.ui.records.form_values import raw_values
from crm_app.ui.records.record_data import NO_RECORD, ref_of


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
    """What is missing, as inputs."""

    title: str
    submit_label: str
    fields: list[FormField]


def moved(work: UnitOfWork, wish: Wish, form: dict[str, Any] | None = None) -> str:
    """Moves the record, with what was filled in on the way; says what was done."""
    process = find_process(work, wish.of_object, wish.pipeline)
    filled = raw_values(work, wish.of_object, form) if form else {}
    saved = records.update_record(work, wish.ref, {**filled, process.pipeline.field: wish.stage}, wish.version)
    return f"{saved.name} moved to {process.label(wish.stage)}."


def question(work: UnitOfWork, wish: Wish, needs: Sequence[str]) -> Question | None:
    """`None` where this person can't fill in all of it: then the refusal speaks for itself."""
    process = find_process(work, wish.of_object, wish.pipeline)
    if not needs or not set(needs) <= objects.editable_fields(work, wish.of_object):
        return None
    record = records.get_record(work, wish.ref)
    label = process.label(wish.stage)
    fields: list[FormField] = [{**each, "is_required": True} for each in form_fields(work, record, needs)]
    return Question(f"Move {record.name} to {label}", f"Move to {label}", fields)
