from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from crm_app.definitions.field import SYSTEM_FIELDS, FieldDefinition
from crm_app.definitions.layout import DEFAULT_LAYOUT, Layout
from crm_app.definitions.model import STORED_NAME, ApiName, Definition, Label, Part, changed
from crm_app.definitions.pipeline import Pipeline, since_name
from crm_app.fields.file import FileConfig

MAX_FIELDS = 500
UniqueSet = Annotated[tuple[ApiName, ...], Field(min_length=2, max_length=8)]


class Activity(Part):
    """Makes the object's records activities: they show on the timeline of every record they point at."""

    when: ApiName
    done: str = ""


class RecordAccess(Part):
    """Who reaches records by more than roles and owners say. With `managers_of_owner`, whoever manages the owner, at
    any distance, may do with a record what their own role lets them do with some. `territory` is the field that says
    where a record belongs: the scopes `territory` and `territory_below` go by it.
    """

    managers_of_owner: bool = False
    territory: str = ""


class ValidationRule(Part):
    """`when` is what is wrong: a record of which it is true is refused with `message`, which is shown at `field` or for
    the record as a whole. Unknown refuses nothing.
    """

    when: str = Field(min_length=1)
    message: str = Field(min_length=1, max_length=300)
    field: str = ""


class DuplicateRule(Part):
    """Two records are alike where every field in `match` holds the same; an empty one is like nothing. A record for
    which `when` is not true is not compared. `warn` may be saved all the same, `block` may not.
    """

    name: ApiName
    label: Label
    match: tuple[ApiName, ...] = Field(min_length=1, max_length=8)
    when: str = ""
    action: Literal["warn", "block"] = "warn"


class ObjectDefinition(Definition):
    """A kind of record. `name_field` is what a record is called in lists, links and searches. `table` is where records
    are stored, when that is not the name: the platform sets it on a rename.
    """

    format_version: int = 2
    plural: Label
    icon: str = Field(default="box", pattern="^[a-z0-9-]+$")
    color: str = Field(default="gray", pattern="^[a-z]+$")
    description: str = Field(default="", max_length=500)
    name_field: ApiName
    fields: tuple[FieldDefinition, ...] = Field(min_length=1, max_length=MAX_FIELDS)
    layouts: tuple[Layout, ...] = Field(default=(), max_length=50)
    validation_rules: tuple[ValidationRule, ...] = Field(default=(), max_length=100)
    unique_together: tuple[UniqueSet, ...] = Field(default=(), max_length=20)
    duplicate_rules: tuple[DuplicateRule, ...] = Field(default=(), max_length=20)
    list_fields: tuple[ApiName, ...] = ()
    card_fields: tuple[ApiName, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    activity: Activity | None = None
    access: RecordAccess = RecordAccess()
    in_navigation: bool = True
    archived: bool = False
    table: str = Field(default="", pattern=STORED_NAME)
    former_names: tuple[ApiName, ...] = Field(default=(), max_length=100)

    @property
    def stored(self) -> str:
        """The table's name in the database; it outlives a rename."""
        return self.table or self.name

    @cached_property
    def live(self) -> "ObjectDefinition":
        """Without archived fields."""
        kept = tuple(field for field in self.fields if not field.archived)
        if len(kept) == len(self.fields):
            return self
        return changed(self, fields=kept)

    @cached_property
    def stored_fields(self) -> tuple[FieldDefinition, ...]:
        """Its own fields, and for each that a pipeline drives since when a record is in its stage."""
        driven = {pipeline.field for pipeline in self.pipelines}
        return (*self.fields, *(_since(field) for field in self.fields if field.name in driven))

    @cached_property
    def all_fields(self) -> dict[str, FieldDefinition]:
        """Its own fields, then those that every object has."""
        return {field.name: field for field in (*self.stored_fields, *SYSTEM_FIELDS)}

    @cached_property
    def driven(self) -> dict[str, tuple[Pipeline, ...]]:
        """By the field that they drive, the pipelines that share it."""
        names = dict.fromkeys(pipeline.field for pipeline in self.pipelines)
        return {name: tuple(p for p in self.pipelines if p.field == name) for name in names}

    @cached_property
    def file_fields(self) -> tuple[FieldDefinition, ...]:
        return tuple(field for field in self.fields if isinstance(field.settings, FileConfig))

    @cached_property
    def linked_fields(self) -> tuple[FieldDefinition, ...]:
        """Those whose values are links, kept in tables of their own."""
        return tuple(field for field in self.fields if field.field_type.is_linked)

    @cached_property
    def settable(self) -> frozenset[str]:
        """Its fields that people give values to."""
        return frozenset(field.name for field in self.fields if not field.is_read_only)

    @cached_property
    def pointing_fields(self) -> tuple[FieldDefinition, ...]:
        """Its relations, people and many-to-many fields."""
        return tuple(field for field in self.all_fields.values() if field.targets)

    @cached_property
    def computed_fields(self) -> tuple[FieldDefinition, ...]:
        """Formulas and rollups: nothing of them is stored."""
        return tuple(field for field in self.fields if field.is_computed)

    @property
    def pipeline(self) -> Pipeline | None:
        return self.pipelines[0] if self.pipelines else None

    @cached_property
    def shown_in_lists(self) -> tuple[str, ...]:
        """The list's fields: those declared, else the name and the first few others."""
        if self.list_fields:
            return self.list_fields
        others = [field.name for field in self.fields if field.name != self.name_field]
        return (self.name_field, *others[:6])

    @cached_property
    def unique_sets(self) -> dict[str, tuple[FieldDefinition, ...]]:
        """The fields that no two live records may share, one or several together, by where the definition says so."""
        single = {f"fields/{field.name}/unique": (field,) for field in self.fields if field.unique}
        together = {
            f"unique_together/{index}": tuple(self.all_fields[name] for name in names)
            for index, names in enumerate(self.unique_together)
            if self.all_fields.keys() >= set(names)
        }
        return {**single, **together}

    @property
    def all_layouts(self) -> tuple[Layout, ...]:
        """Its own, and at last the generated one, which fits everybody and every record."""
        return (*self.layouts, DEFAULT_LAYOUT)


def _since(field: FieldDefinition) -> FieldDefinition:
    """Not checked as what an admin writes is: its names may be a little longer."""
    label, column = f"{field.label} since", f"{field.stored}__since"
    return FieldDefinition.model_construct(
        None, name=since_name(field.name), label=label, type="datetime", read_only=True, column=column
    )
