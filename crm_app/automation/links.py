"""What the steps that link and unlink have in common."""

from crm_app.automation.step_type import Place, StepConfig, StepRun
from crm_app.kernel.errors import NotFound
from crm_app.services.records import get_record, update_record
from crm_app.services.targets import places


class LinkConfig(StepConfig):
    """`field` is a relation of the record that `record` gives; `to` gives what it points at, or shall no longer."""

    record: str = "id"
    field: str
    to: str


def check_link(config: LinkConfig, place: Place) -> None:
    name = place.record("record", config.record)
    target = place.rule("to", config.to, None)
    if not name:
        return
    definition = place.catalog.by_name[name]
    field = definition.all_fields.get(config.field)
    if field is None or field.is_read_only or not (field.field_type.is_linked or field.field_type.is_relation):
        place.refuse("field", f"'{config.field}' is no relation of {definition.label} that can be set.")
        return
    if target is not None and (target.type.kind != "ref" or target.type.object not in field.targets):
        place.refuse("to", f"{field.label} doesn't point at that: `{target.text}` is {target.type}.")


def link(step: StepRun) -> None:
    ref, field = step.record(), step.config.field
    target = step.values["to"]
    if target is None:
        raise NotFound("The step has nothing to link: what points at it is empty.")
    definition = step.work.definition(ref.object).all_fields[field]
    if definition.field_type.is_linked:
        update_record(step.work, ref, {field: {"add": [str(target)]}})
        return
    found = step.types["to"].object
    update_record(step.work, ref, {field: f"{found}:{target}" if definition.is_to_any else target})


def unlink(step: StepRun) -> None:
    ref, field = step.record(), step.config.field
    target = step.values["to"]
    definition = step.work.definition(ref.object).all_fields[field]
    held = places(definition, get_record(step.work, ref, names=False).values.get(field))
    if target is None or target not in {each for _, each in held}:
        return
    update_record(step.work, ref, {field: {"remove": [str(target)]} if definition.field_type.is_linked else None})
