"""`demo.json` of a package: which people and records its demo data has. `services/sample_data.py` makes them."""

from typing import Any

from pydantic import Field

from crm_app.definitions.model import ApiName, Definition, Part


class Person(Part):
    """`login` makes the person able to log in with the demo password and is how the start page calls them."""

    name: str
    email: str
    roles: tuple[ApiName, ...] = ()
    team: str = ""
    leads: bool = False
    login: str = ""


class Life(Part):
    """How a record moves through the options of a field: how many days it stays in each of the `open` ones, the
    chance that it ends right there, and how the rest ends, by weight. On entering an option, `dates` are filled and
    `values` made by their recipes; `expected` is the one that an open record has as a guess, so many days ahead.
    """

    field: ApiName
    open: dict[str, tuple[int, int]]
    ends_early: dict[str, float] = Field(default_factory=dict)
    early_end: str = ""
    ends: dict[str, int]
    dates: dict[str, ApiName] = Field(default_factory=dict)
    values: dict[str, dict[ApiName, Any]] = Field(default_factory=dict)
    expected: ApiName
    expected_days: tuple[int, int] = (20, 90)


class Done(Part):
    """A yes/no field that becomes yes on the day that `after` names, by chance, when that day is past."""

    field: ApiName
    after: ApiName
    chance: float = 0.9


class Batch(Part):
    """Records of one object. With `per`, each record of that earlier batch gets between `each[0]` and `each[1]`;
    `only` narrows those by their values. `days_ago` bounds when they were created; with `per`, `days_after` counts
    from the other record's creation, or from its date field `since`. A value is a constant or a recipe of
    `sample_values`; one whose name begins with an underscore is only for other recipes to use. A `growth` above 1
    makes the recent past busier than the distant one.
    """

    object: ApiName
    count: int = 0
    per: ApiName | None = None
    each: tuple[int, int] = (1, 1)
    only: dict[str, Any] = Field(default_factory=dict)
    since: str = ""
    days_ago: tuple[int, int] = (540, 0)
    days_after: tuple[int, int] = (0, 30)
    growth: float = Field(default=1.0, gt=0)
    owner: str = ""
    rows: tuple[dict[str, Any], ...] = ()
    values: dict[str, Any] = Field(default_factory=dict)
    life: Life | None = None
    done: Done | None = None


class Recipe(Definition):
    password: str = Field(min_length=8)
    parent_team: str = ""
    people: tuple[Person, ...] = Field(min_length=1)
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    records: tuple[Batch, ...] = ()
