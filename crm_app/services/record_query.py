"""What is asked of records and what comes back. Shared by pages, the API, imports and automations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from crm_app.definitions.package import Related
from crm_app.kernel.events import RecordRef
from crm_app.rules.tree import Node

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
COUNT_CAP = 10_000


@dataclass(frozen=True)
class Condition:
    """One filter: `field operator value`, for example `stage eq won`. The value is as a form or URL holds it."""

    field: str
    operator: str
    value: Any = None


def pointing_here(related: Related, ref: RecordRef) -> Condition:
    """The filter of the records that point at this one."""
    operator = "contains" if related.field.field_type.is_linked else "eq"
    return Condition(related.field.name, operator, given_value(related, ref))


def given_value(related: Related, ref: RecordRef) -> str:
    """How a form or an address says that a record points at this one."""
    return f"{ref.object}:{ref.id}" if related.field.is_to_any else str(ref.id)


@dataclass(frozen=True)
class Sort:
    field: str
    descending: bool = False


@dataclass(frozen=True)
class RecordQuery:
    """A list. `rule` is text of the rule language and `view_rule` that of a saved view, both ANDed with the conditions;
    `within` is a checked rule of the product's own that the text can't loosen; `search` looks in the name field; `ids`,
    where given, leaves only these records; `expand` names relation fields whose record comes along; `cursor` continues
    a page (from `RecordPage.next_cursor`).
    """

    object: str
    conditions: tuple[Condition, ...] = ()
    rule: str = ""
    view_rule: str = ""
    within: Node | None = None
    search: str = ""
    sort: tuple[Sort, ...] = ()
    limit: int = PAGE_SIZE
    cursor: str = ""
    expand: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    ids: tuple[UUID, ...] | None = None


@dataclass(frozen=True)
class Reference:
    """A record that another one points at: its object, id and name, and, when expanded, its readable values."""

    object: str
    id: UUID
    name: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Record:
    """Readable values by field name (system fields included). `references` holds, for each relation and user field
    that was asked for and is visible to the reader, what it points at; `linked` the first records of each
    many-to-many field that was asked for.
    """

    ref: RecordRef
    name: str
    version: int
    values: Mapping[str, Any]
    references: Mapping[str, Reference] = field(default_factory=dict[str, Reference])
    linked: Mapping[str, tuple[Reference, ...]] = field(default_factory=dict[str, tuple[Reference, ...]])


@dataclass(frozen=True)
class RecordPage:
    records: tuple[Record, ...]
    next_cursor: str


@dataclass(frozen=True)
class Count:
    """`is_capped`: there are more than `value`; show it as `10,000+`."""

    value: int
    is_capped: bool

    def __str__(self) -> str:
        return f"{self.value:,}{'+' if self.is_capped else ''}"


@dataclass(frozen=True)
class Group:
    """One group of an aggregate: `key` by the grouped field's value; `sums` per currency for money fields."""

    key: Any
    count: int
    sums: Mapping[str, Any]
