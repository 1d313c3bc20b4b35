"""All automations of the draft, with how their runs went lately."""

from dataclasses import dataclass, field
from typing import TypedDict

from crm_app.automation.catalog import TRIGGER_TYPES
from crm_app.automation.drafting import key_of
from crm_app.automation.templates import TEMPLATES
from crm_app.definitions.automation import AutomationDefinition
from crm_app.definitions.package import Package
from crm_app.services import drafts
from crm_app.services.automation_pauses import pauses
from crm_app.services.automation_runs import runs_lately
from crm_app.services.publishers import Publisher, publishers
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.designer.addresses import designer_path
from crm_app.ui.inputs import Choice

DAYS = 7


class AutomationLine(TypedDict):
    """`is_live`: it can be paused at once. `runs` and `failed` are those of the last days; `publisher` says what
    is wrong with who published it.
    """

    name: str
    label: str
    note: str
    trigger: str
    state: str
    runs: str
    failed: str
    href: str
    publisher: str
    is_live: bool
    is_active: bool


@dataclass(frozen=True)
class AutomationsData:
    lines: list[AutomationLine]
    archived: list[AutomationLine]
    objects: list[Choice] = field(default_factory=list[Choice])
    triggers: list[Choice] = field(default_factory=list[Choice])
    templates: list[Choice] = field(default_factory=list[Choice])


def automations_data(work: UnitOfWork) -> AutomationsData:
    draft = drafts.read_draft(work)
    package = drafts.drafted(work, draft)
    live = {each.name: each for each in work.schema.stored.automations if not each.archived}
    counts, paused = runs_lately(work, DAYS), pauses(work)
    behind = publishers(work)
    lines: dict[bool, list[AutomationLine]] = {True: [], False: []}
    for each in sorted(package.automations, key=lambda found: found.label.casefold()):
        is_edited = key_of(each.name) in draft.edited
        found = live.get(each.name)
        state = "New" if found is None else "Changed" if is_edited else ""
        runs, failed = counts.get(each.name, (0, 0))
        lines[each.archived].append(
            AutomationLine(
                name=each.name,
                label=each.label,
                note=each.description,
                trigger=_trigger(package, each),
                state="Archived" if each.archived else state,
                runs=str(runs),
                failed=str(failed) if failed else "",
                href=designer_path(each.name),
                publisher=_wrong(behind.get(each.name)),
                is_live=found is not None and found.is_active,
                is_active=each.is_active and each.name not in paused,
            )
        )
    return AutomationsData(
        lines[False],
        lines[True],
        objects=[_choice(each.name, each.plural) for each in work.catalog.objects],
        triggers=[_choice(each.name, each.label) for each in TRIGGER_TYPES],
        templates=[_choice(each.name, f"{each.label}. {each.description}") for each in TEMPLATES.values()],
    )


def _trigger(package: Package, automation: AutomationDefinition) -> str:
    known = TRIGGER_TYPES.find(automation.trigger.type)
    of_object = package.by_name.get(automation.trigger.object)
    label = of_object.label if of_object else automation.trigger.object
    return f"{label}: {known.label.lower() if known else automation.trigger.type}"


def _wrong(publisher: Publisher | None) -> str:
    return f"Published by {publisher.name}, {publisher.lacks}." if publisher and publisher.lacks else ""


def _choice(value: str, label: str) -> Choice:
    return Choice(value=value, label=label, id=f"choice-{value}", is_chosen=False)
