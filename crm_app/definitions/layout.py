"""How the page and the form of a record are arranged, for whom and when."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field

from crm_app.definitions.model import ApiName, Label, Part

REST = "*"
Placed = Annotated[str, Field(pattern=r"^(\*|[a-z][a-z0-9_]{0,49})$")]
PlacedRelated = Annotated[str, Field(pattern=r"^(\*|[a-z][a-z0-9_]{0,100})$")]
TimelinePlace = Literal["side", "tab", "hidden"]


class Section(Part):
    """A titled group of fields. `*` stands for the fields that the layout names nowhere else. `visible_when` is a rule
    over the record.
    """

    label: Label
    fields: tuple[Placed, ...] = ()
    columns: Literal[1, 2] = 2
    collapsed: bool = False
    visible_when: str = ""


class Tab(Part):
    """`related` are lists of records that point here, named as rules name them: `deal_company` are the deals whose
    `company` is this record; `*` stands for those that the layout names nowhere else.
    """

    label: Label
    sections: tuple[Section, ...] = ()
    related: tuple[PlacedRelated, ...] = ()


class Layout(Part):
    """For people with one of the `roles` (everybody when there are none) and records of which the rule `when` is true.
    The first of an object's layouts that fits is used.
    """

    name: ApiName
    label: Label
    roles: tuple[ApiName, ...] = ()
    when: str = ""
    tabs: tuple[Tab, ...] = Field(min_length=1, max_length=20)
    timeline: TimelinePlace = "side"

    def sections(self) -> Iterator[tuple[str, Section]]:
        """Each with its path within the layout."""
        for at, tab in enumerate(self.tabs):
            for index, section in enumerate(tab.sections):
                yield f"tabs/{at}/sections/{index}", section

    @property
    def placed_fields(self) -> list[str]:
        return [name for _, section in self.sections() for name in section.fields]

    @property
    def placed_related(self) -> list[str]:
        return [name for tab in self.tabs for name in tab.related]


def spread(names: Iterable[str], placed: Iterable[str], known: Iterable[str]) -> list[str]:
    """The names, with those that are placed nowhere in the stead of `*`."""
    taken = set(placed)
    rest = [name for name in known if name not in taken]
    return [each for name in names for each in (rest if name == REST else [name])]


DEFAULT_LAYOUT = Layout(
    name="default",
    label="Default",
    tabs=(Tab(label="Details", sections=(Section(label="Details", fields=(REST,)),), related=(REST,)),),
)
