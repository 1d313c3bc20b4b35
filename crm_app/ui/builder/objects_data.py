"""All objects, live and drafted, as one list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from crm_app.definitions.bundle_catalog import BUNDLES
from crm_app.definitions.object import ObjectDefinition
from crm_app.services import drafts, lists
from crm_app.services.drafts import Draft
from crm_app.services.record_query import RecordQuery
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.builder.addresses import builder_path
from crm_app.ui.builder.builder_data import MORE_CHECKS, ProblemLine, problem_lines
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
    can_archive: bool
    archive_label: str


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
    """`publish_href` leads to the plan, when there is one."""

    lines: list[ObjectLine]
    archived: list[ObjectLine]
    problems: list[ProblemLine]
    publish_href: str
    roles: list[RoleChoice]
    bundles: list[BundleChoice]
    changes: int


def objects_data(work: UnitOfWork) -> ObjectsData:
    draft = drafts.read_draft(work)
    everything = drafts.drafted(work, draft)
    package = everything.live
    found = sorted(everything.objects, key=lambda definition: definition.plural.casefold())
    problems = drafts.problems(work, draft, MORE_CHECKS)
    return ObjectsData(
        lines=[_line(work, draft, each) for each in found if not each.archived],
        archived=[_line(work, draft, each) for each in found if each.archived],
        problems=problem_lines(everything, problems),
        publish_href=_publish_href(draft, found),
        roles=[RoleChoice(name=role.name, label=role.label, openness="work") for role in package.roles],
        bundles=[BundleChoice(name=b.name, label=b.label, description=b.description) for b in BUNDLES],
        changes=len(draft.edited),
    )


def _publish_href(draft: Draft, objects: Sequence[ObjectDefinition]) -> str:
    """The plan is the whole draft's, whichever object it is looked at from."""
    if draft.is_empty or not objects:
        return ""
    edited = (each.name for each in objects if f"objects/{each.name}" in draft.edited)
    return builder_path(next(edited, objects[0].name), "publish")


def _line(work: UnitOfWork, draft: Draft, definition: ObjectDefinition) -> ObjectLine:
    is_edited = f"objects/{definition.name}" in draft.edited
    live = next((each.name for each in work.catalog.objects if each.stored == definition.stored), "")
    is_new = not any(each.stored == definition.stored for each in work.schema.stored.objects)
    return ObjectLine(
        name=definition.name,
        label=definition.plural,
        icon=icon_name(definition.icon),
        css=f"object-mark badge-{definition.color}",
        description=definition.description,
        fields=str(len(definition.fields)),
        records=str(lists.count_records(work, RecordQuery(live))) if live else "",
        state="New" if is_new else "Changed" if is_edited else "",
        href=builder_path(definition.name),
        can_archive=not definition.archived,
        archive_label=f"{'Remove' if is_new else 'Archive'} {definition.plural}",
    )
