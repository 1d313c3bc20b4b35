"""Which arrangement of a record's page and form a person gets, and what is where in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_app.definitions.layout import DEFAULT_LAYOUT, Layout, Section, Tab, TimelinePlace, spread
from crm_app.rules.inputs import Inputs
from crm_app.services.record_rules import RecordRules
from crm_app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class PlacedSection:
    """`key` names it within the page; `fields` are API names, all of them known."""

    key: str
    section: Section
    fields: tuple[str, ...]


@dataclass(frozen=True)
class PlacedTab:
    """`related` are names of related lists, in the order in which they show."""

    label: str
    sections: tuple[PlacedSection, ...]
    related: tuple[str, ...]


@dataclass(frozen=True)
class Arrangement:
    name: str
    tabs: tuple[PlacedTab, ...]
    timeline: TimelinePlace

    @property
    def sections(self) -> tuple[PlacedSection, ...]:
        return tuple(section for tab in self.tabs for section in tab.sections)


def layout_for(work: UnitOfWork, rules: RecordRules, inputs: Inputs) -> Layout:
    """The first one that is for this person's roles, inherited ones included, and for this record."""

    def fits(layout: Layout) -> bool:
        if layout.roles and work.roles.isdisjoint(layout.roles):
            return False
        return not layout.when.strip() or rules.compiled(layout.when).holds(inputs)

    return next(filter(fits, rules.definition.layouts), DEFAULT_LAYOUT)


def arranged(work: UnitOfWork, rules: RecordRules, layout: Layout) -> Arrangement:
    """The layout with every `*` filled in; no permission is applied yet."""
    fields = [field.name for field in rules.definition.fields]
    related = [each.name for each in work.catalog.related.get(rules.definition.name, ())]
    tabs = tuple(_placed(layout, at, tab, fields, related) for at, tab in enumerate(layout.tabs))
    return Arrangement(layout.name, tabs, layout.timeline)


def _placed(layout: Layout, at: int, tab: Tab, fields: Sequence[str], related: Sequence[str]) -> PlacedTab:
    sections = (
        PlacedSection(f"{at}-{index}", section, tuple(spread(section.fields, layout.placed_fields, fields)))
        for index, section in enumerate(tab.sections)
    )
    return PlacedTab(tab.label, tuple(sections), tuple(spread(tab.related, layout.placed_related, related)))
