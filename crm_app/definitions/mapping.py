"""How the lines of CSV files become records and people. A package ships mappings; an import names one."""

import codecs
import re
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from crm_app.definitions.model import ApiName, Definition, Part

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def columns_of(template: str) -> tuple[str, ...]:
    """The columns that a template such as `{product} for {account}` names."""
    return tuple(PLACEHOLDER.findall(template))


class Source(Part):
    """Where a field's value comes from: a `column`, the first of the `templates` whose columns are all filled, or a
    `constant`. `date` is a strptime format; `match` names the target's field that a relation is found by, its name
    where nothing is said; `missing` says what becomes of a line whose target does not exist; `skip_empty` leaves an
    empty cell to the field's default, and on an update to what the record holds.
    """

    column: str = ""
    templates: tuple[str, ...] = ()
    constant: Any = None
    values: dict[str, str] = Field(default_factory=dict)
    date: str = ""
    multiply: Decimal | None = None
    match: str = ""
    missing: Literal["refuse", "empty"] = "refuse"
    skip_empty: bool = False

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum((bool(self.column), bool(self.templates), self.constant is not None)) != 1:
            raise ValueError("A field comes from one of 'column', 'templates' and 'constant'.")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        named = (name for template in self.templates for name in columns_of(template))
        return (self.column,) if self.column else tuple(dict.fromkeys(named))


class People(Part):
    """Each line is a person, a template per fact. The manager is a person too, and leads `team`; that team stands
    under `parent_team`. People who are there already, known by their address, are kept as they are.
    """

    name: str
    email: str
    roles: tuple[ApiName, ...] = ()
    manager: str = ""
    manager_email: str = ""
    manager_roles: tuple[ApiName, ...] = ()
    team: str = ""
    parent_team: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        texts = (self.name, self.email, self.manager, self.manager_email, self.team, self.parent_team)
        return tuple(dict.fromkeys(name for text in texts for name in columns_of(text)))


class FileMapping(Part):
    """One file. `key` names the columns that tell its lines apart, so that a second import finds what the first one
    made. `corrections` maps, per column, what is known to be wrong in this source to what was meant. `encoding` is told
    from the file where nothing is said. `keep_blanks` leaves the blanks around a cell, for a
    file that was exported here.
    """

    file: str = Field(pattern=r"^[^/\\]+$")
    object: str = ""
    key: tuple[str, ...] = Field(min_length=1)
    encoding: str = Field(default="", pattern="^[A-Za-z0-9_-]*$")
    keep_blanks: bool = False
    corrections: dict[str, dict[str, str]] = Field(default_factory=dict)
    fields: dict[ApiName, str | Source] = Field(default_factory=dict)
    people: People | None = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            codecs.lookup(name or "utf-8")
        except LookupError:
            raise ValueError(f"There is no encoding '{name}'.") from None
        return name

    @model_validator(mode="after")
    def _records_or_people(self) -> Self:
        if bool(self.object and self.fields) == bool(self.people):
            raise ValueError("A file holds either records ('object' with 'fields') or 'people'.")
        return self

    @property
    def sources(self) -> dict[str, Source]:
        """By field; a bare name in `fields` is a column."""
        return {
            name: Source(column=source) if isinstance(source, str) else source for name, source in self.fields.items()
        }

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the file must have."""
        named = [*self.key, *self.corrections]
        for source in self.sources.values():
            named += source.columns
        return tuple(dict.fromkeys([*named, *(self.people.columns if self.people else ())]))


class ImportMapping(Definition):
    """Files are imported in this order, so that what is pointed at comes before what points."""

    description: str = Field(default="", max_length=1000)
    files: tuple[FileMapping, ...] = Field(min_length=1, max_length=100)
