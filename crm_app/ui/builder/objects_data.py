"""All objects, live and drafted, as one list."""

from dataclasses import dataclass
from typing import TypedDict

from crm_app.definitions.bundle_catalog import BUNDLES
from crm_app.definitions.object import ObjectDefinition
from crm_app.services import drafts, lists
from crm_app.services.drafts import Draft
from crm_app.services.record_query import RecordQuery
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.builder.addresses import builder_path
from crm_app.ui.elements import icon_name

COLORS = (
    "gray", "red", "orange", "amber", "yellow", "green", "teal", "cyan", "blue", "indigo", "violet", "purple", "pink",
)  # fmt: skip


class ObjectLine(TypedDict):
    """`state` is `New` or `Changed` where the draft differs from what is live."""

    name: str
    label: str
    icon: str
    css: str
    description: str
    fields: str
    records: str
    state: str
    href: str


class RoleChoice(TypedDict):
    name: str
    label: str
    openness: str


class BundleChoice(TypedDict):
    name: str
    label: str
    description: str


@dataclass(frozen=True)
class ObjectsData:
    lines: list[ObjectLine]
    roles: list[RoleChoice]
    bundles: list[BundleChoice]
    changes: int


def objects_data(work: UnitOfWork) -> ObjectsData:
    draft = drafts.read_draft(work)
    package = drafts.drafted(work, draft).live
    found = sorted(package.objects, key=lambda definition: definition.plural.casefold())
    return ObjectsData(
        lines=[_line(work, draft, definition) for definition in found],
        roles=[RoleChoice(name=role.name, label=role.label, openness="work") for role in package.roles],
        bundles=[BundleChoice(name=b.name, label=b.label, description=b.description) for b in BUNDLES],
        changes=len(draft.edited),
    )


def _line(work: UnitOfWork, draft: Draft, definition: ObjectDefinition) -> ObjectLine:
    edited = draft.edited.get(f"objects/{definition.name}")
    is_new = definition.name not in work.catalog.by_name
    return ObjectLine(
        name=definition.name,
        label=definition.plural,
        icon=icon_name(definition.icon),
        css=f"object-mark badge-{definition.color}",
        description=definition.description,
        fields=str(len(definition.fields)),
        records="" if is_new else str(lists.count_records(work, RecordQuery(definition.name))),
        state="New" if is_new else "Changed" if edited else "",
        href=builder_path(definition.name),
    )
