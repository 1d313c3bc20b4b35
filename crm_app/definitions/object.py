from functools import cached_property

from pydantic import Field

from crm_app.definitions.field import SYSTEM_FIELDS, FieldDefinition
from crm_app.definitions.model import ApiName, Definition, Label, Part
from crm_app.definitions.pipeline import Pipeline

MAX_FIELDS = 500


class Section(Part):
    """A titled group of fields on the record page and the form."""

    label: Label
    fields: tuple[ApiName, ...]


class Activity(Part):
    """Makes the object's records activities: they show on the timeline of every record they point at."""

    when: ApiName
    done: str = ""


class ObjectDefinition(Definition):
    """A kind of record. `name_field` is what a record is called in lists, links and searches."""

    plural: Label
    icon: str = Field(default="box", pattern="^[a-z0-9-]+$")
    color: str = Field(default="gray", pattern="^[a-z]+$")
    description: str = Field(default="", max_length=500)
    name_field: ApiName
    fields: tuple[FieldDefinition, ...] = Field(min_length=1, max_length=MAX_FIELDS)
    sections: tuple[Section, ...] = ()
    list_fields: tuple[ApiName, ...] = ()
    card_fields: tuple[ApiName, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    activity: Activity | None = None
    in_navigation: bool = True

    @cached_property
    def all_fields(self) -> dict[str, FieldDefinition]:
        """Its own fields, then those that every object has."""
        return {field.name: field for field in (*self.fields, *SYSTEM_FIELDS)}

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
    def layout(self) -> tuple[Section, ...]:
        """The sections declared, and a last one for fields that none of them holds."""
        placed = {name for section in self.sections for name in section.fields}
        rest = tuple(field.name for field in self.fields if field.name not in placed)
        label = "More" if self.sections else "Details"
        return (*self.sections, Section(label=label, fields=rest)) if rest else self.sections
