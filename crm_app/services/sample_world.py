"""What the demo generator knows while it works: the dice, the calendar, the people, and what it has made so far."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from crm_app.access.who import Who
from crm_app.definitions.demo import Recipe
from crm_app.services.past_records import Moment

_SATURDAY = 5
_OPENS, _CLOSES = 8, 18


@dataclass
class Made:
    """A record in the making. `links` are the records that its relations point at; `parent` is what it belongs to."""

    id: UUID
    object: str
    created: datetime
    owner: Who
    parent: "Made | None" = None
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    links: dict[str, "Made"] = field(default_factory=dict[str, "Made"])
    moments: list[Moment] = field(default_factory=list[Moment])

    def find(self, path: str) -> "tuple[Made, str]":
        """`company.city` is the city of the linked company; `parent.name` the name of what this belongs to."""
        made, names = self, path.split(".")
        for name in names[:-1]:
            followed = made.parent if name == "parent" else made.links.get(name)
            if followed is None:
                return made, ""
            made = followed
        return made, names[-1]

    def value(self, path: str) -> Any:
        made, name = self.find(path)
        return made.values.get(name)


@dataclass
class World:
    recipe: Recipe
    dice: random.Random
    now: datetime
    name_fields: dict[str, str]
    people: list[Who]
    made: dict[str, list[Made]] = field(default_factory=lambda: defaultdict[str, list[Made]](list))
    by_id: dict[str, Made] = field(default_factory=dict[str, Made])
    taken: set[str] = field(default_factory=set[str])

    def keep(self, made: Made) -> None:
        self.made[made.object].append(made)
        self.by_id[str(made.id)] = made

    def days(self, bounds: tuple[int, int]) -> timedelta:
        low, high = bounds
        return timedelta(days=self.dice.randint(min(low, high), max(low, high)))

    def moment(self, bounds: tuple[int, int], growth: float) -> datetime:
        """So many days ago; a growth above 1 makes the recent past busier."""
        oldest, newest = bounds
        days = newest + (oldest - newest) * self.dice.random() ** growth
        return self.at_work(self.now - timedelta(days=days))

    def at_work(self, moment: datetime) -> datetime:
        """On a weekday, in office hours, and never after now."""
        day = moment.date()
        if day.weekday() >= _SATURDAY:
            day += timedelta(days=7 - day.weekday())
        hour, minute = self.dice.randint(_OPENS, _CLOSES - 1), self.dice.randint(0, 59)
        placed = datetime.combine(day, time(hour, minute, self.dice.randint(0, 59)), moment.tzinfo)
        return min(placed, self.now - timedelta(seconds=self.dice.randint(60, 4 * 3600)))

    def someone(self, role: str) -> Who:
        return self.dice.choice([who for who in self.people if role in who.roles])
