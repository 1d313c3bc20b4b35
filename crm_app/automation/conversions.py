"""What `convert` does to records, and how it is taken back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from pydantic import Field

from crm_app.automation.step_type import Place, StepConfig, StepRun
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.model import ApiName
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Related
from crm_app.fields.rule_type import BOOL
from crm_app.kernel.errors import Conflict
from crm_app.kernel.events import RecordRef
from crm_app.services.automation_records import alone_with, key_of, matching
from crm_app.services.duplicates import always
from crm_app.services.file_moves import move_files
from crm_app.services.record_moves import move_related, relink
from crm_app.services.records import create_record, delete_record, update_record
from crm_app.services.trash import restore_record
from crm_app.services.unit_of_work import UnitOfWork


class Made(StepConfig):
    """A record to be made, unless one holds the values of `match`; then that one is taken, and `values` are set on it.
    `links` points fields of it at records made before, `files` fills file fields of it with those of a field of the
    record that is converted. Without `when`, or where it is true.
    """

    name: ApiName
    object: str
    when: str = ""
    match: dict[str, str] = Field(default_factory=dict[str, str], max_length=5)
    values: dict[str, str] = Field(default_factory=dict[str, str], max_length=100)
    links: dict[str, ApiName] = Field(default_factory=dict[str, str], max_length=20)
    files: dict[str, ApiName] = Field(default_factory=dict[str, str], max_length=10)


class Move(StepConfig):
    """The records of a `list` of the one that is converted (`task_lead`: tasks whose `lead` it is) point at the made
    one called `to`; by `field`, where that isn't the same.
    """

    list: str
    to: ApiName
    field: str = ""


class SeveralFit(Conflict):
    """More than one record has the values that were to find one."""

    code = "several_match"


@dataclass
class Converted:
    """`kept` is what taking it back needs: names and ids, no values."""

    KEPT: ClassVar[str] = "!converted"

    source: RecordRef
    made: dict[str, RecordRef | None] = field(default_factory=dict[str, RecordRef | None])
    created: list[str] = field(default_factory=list[str])
    moved: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    files: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    is_deleted: bool = False

    @property
    def outputs(self) -> dict[str, Any]:
        ids = {name: ref.id if ref else None for name, ref in self.made.items()}
        return {**ids, **{f"{name}_created": name in self.created for name in self.made}}

    @property
    def kept(self) -> dict[str, Any]:
        made = {name: _text(ref) for name, ref in self.made.items() if ref is not None}
        return {
            "source": _text(self.source), "made": made, "created": self.created, "moved": self.moved,
            "files": self.files, "deleted": self.is_deleted,
        }  # fmt: skip


def without_doubles(place: Place, makes: Sequence[Made]) -> None:
    names = [made.name for made in makes]
    for index, name in enumerate(names):
        if name in names[:index]:
            place.refuse(f"makes/{index}/name", f"Another record is called '{name}' already.")


def check_made(place: Place, at: str, made: Made, known: Mapping[str, str], source: str) -> bool:
    """`known` are the objects of those made before. Whether it can be named by what follows."""
    definition = place.records(f"{at}/object", made.object)
    if definition is None:
        return False
    if made.when.strip():
        place.rule(f"{at}/when", made.when, BOOL)
    place.values(f"{at}/match", made.object, made.match)
    place.values(f"{at}/values", made.object, made.values)
    for name in made.match:
        found = definition.all_fields.get(name)
        if found is not None and "eq" not in found.field_type.operators:
            place.refuse(f"{at}/match/{name}", f"A record can't be found by {found.label}.")
    for name, target in made.links.items():
        _check_pointing(place, f"{at}/links/{name}", (definition, name), target, known)
    _check_files(place, at, made, definition, source)
    given = {*made.match, *made.values, *made.links, *made.files}
    for each in definition.fields:
        if each.required and each.default is None and each.name not in given:
            place.refuse(f"{at}/values", f"{each.label} is required and has no value.")
    return True


def check_moves(place: Place, moves: Sequence[Move], known: Mapping[str, str], source: str) -> None:
    for index, move in enumerate(moves):
        related = _related(place.catalog.related.get(source, ()), move.list)
        if related is None:
            place.refuse(f"moves/{index}/list", f"{place.catalog.by_name[source].label} has no list '{move.list}'.")
            continue
        at = f"moves/{index}/{'field' if move.field else 'to'}"
        _check_pointing(place, at, (related.object, move.field or related.field.name), move.to, known)


def converted(step: StepRun, makes: Sequence[Made], moves: Sequence[Move], *, deletes: bool) -> Converted:
    found = Converted(step.record())
    for index, made in enumerate(makes):
        is_wanted = not made.when.strip() or step.values[f"makes/{index}/when"] is True
        found.made[made.name] = _made(step, f"makes/{index}", made, found) if is_wanted else None
    for move in moves:
        _move(step.work, move, found)
    if deletes:
        delete_record(step.work, found.source)
        found.is_deleted = True
    return found


def taken_back(work: UnitOfWork, kept: Mapping[str, Any]) -> None:
    """In the reverse order. What somebody has changed since stays changed."""
    source = _ref(kept["source"])
    made = {name: _ref(each) for name, each in kept["made"].items()}
    if kept["deleted"]:
        restore_record(work, source)
    for each in reversed(kept["moved"]):
        fields = work.definition(each["object"]).all_fields
        new, old = (fields[each["to_field"]], made[each["to"]]), (fields[each["from_field"]], source)
        relink(work, RecordRef(each["object"], UUID(each["id"])), new, old)
    for each in reversed(kept["files"]):
        here = (made[each["to"]], each["to_field"])
        move_files(work, here, (source, each["from_field"]), frozenset(each["ids"]))
    for name in reversed(kept["created"]):
        delete_record(work, made[name])


def _made(step: StepRun, at: str, made: Made, found: Converted) -> RecordRef:
    work, match, values = step.work, step.under(f"{at}/match"), step.under(f"{at}/values")
    definition = work.definition(made.object)
    values |= {
        name: _pointer(definition.all_fields[name], target)
        for name, other in made.links.items()
        if (target := found.made.get(other)) is not None
    }
    ref = _known(work, made.object, match) if match else None
    if ref is None:
        ref = create_record(work, made.object, {**match, **values}, always).ref
        found.created.append(made.name)
    elif values:
        update_record(work, ref, values, passes=always)
    for to_field, from_field in made.files.items():
        ids = move_files(work, (found.source, from_field), (ref, to_field))
        found.files.append({"to": made.name, "to_field": to_field, "from_field": from_field, "ids": ids})
    return ref


def _known(work: UnitOfWork, name: str, match: Mapping[str, Any]) -> RecordRef | None:
    alone_with(work, "upsert", name, key_of(match))
    found = matching(work, name, match, limit=2)
    if len(found) > 1:
        raise SeveralFit(
            f"Several {work.definition(name).plural.lower()} match, so it is not clear which one is meant."
        )
    return found[0] if found else None


def _move(work: UnitOfWork, move: Move, found: Converted) -> None:
    target = found.made.get(move.to)
    related = _related(work.catalog.related.get(found.source.object, ()), move.list)
    if target is None or related is None:
        return
    field_name = move.field or related.field.name
    ids = move_related(work, related, found.source, target, field_name)
    fields = {"from_field": related.field.name, "to_field": field_name}
    found.moved += [{"object": related.object.name, "id": str(each), "to": move.to, **fields} for each in ids]


def _check_pointing(
    place: Place, at: str, of: tuple[ObjectDefinition, str], target: str, known: Mapping[str, str]
) -> None:
    definition, name = of
    found = definition.all_fields.get(name)
    if target not in known:
        place.refuse(at, f"Nothing that is made before is called '{target}'.")
    elif found is None or found.is_read_only or known[target] not in found.targets:
        label = place.catalog.by_name[known[target]].label.lower()
        place.refuse(at, f"'{name}' of {definition.label} can't point at a {label}.")
    else:
        place.written[at] = (definition.name, name)


def _check_files(place: Place, at: str, made: Made, definition: ObjectDefinition, source: str) -> None:
    theirs = {each.name for each in place.catalog.by_name[source].file_fields} if source else set[str]()
    ours = {each.name for each in definition.file_fields}
    for name, other in made.files.items():
        if name not in ours or (source and other not in theirs):
            place.refuse(f"{at}/files/{name}", "Files go from a field of files to a field of files.")


def _pointer(each: FieldDefinition, target: RecordRef) -> Any:
    if each.field_type.is_linked:
        return [str(target.id)]
    return f"{target.object}:{target.id}" if each.is_to_any else target.id


def _related(lists: Iterable[Related], name: str) -> Related | None:
    return next((each for each in lists if each.name == name), None)


def _text(ref: RecordRef) -> str:
    return f"{ref.object}:{ref.id}"


def _ref(text: str) -> RecordRef:
    name, _, identifier = text.partition(":")
    return RecordRef(name, UUID(identifier))
