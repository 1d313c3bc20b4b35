"""One page of a list, as a plan that can be kept: its statements and how their rows are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select

from crm_app.storage.lists import MOST, Join, Ordering, page_select, with_joins
from crm_app.storage.sees import Clause
from crm_app.storage.shape import RecordShape


@dataclass(frozen=True)
class PagePlan:
    """`statements` are the parts of the page in their order; each takes as many rows as are still wanted."""

    order: Ordering
    width: int
    statements: tuple[Select[Any], ...]

    def read(self, connection: Connection, limit: int) -> tuple[list[Any], str]:
        """At most `limit` rows, and the cursor of the next page, empty at the end."""
        rows: list[Any] = []
        for statement in self.statements:
            rows += connection.execute(statement, {MOST: limit + 1 - len(rows)}).all()
            if len(rows) > limit:
                last = rows[limit - 1]
                values = last[self.width : self.width + len(self.order.keys)]
                return rows[:limit], self.order.cursor_after(values, last[0])
        return rows, ""


def page_plan(
    shape: RecordShape, source: Any, where: Sequence[Clause], order: Ordering, joins: Sequence[Join], cursor: str
) -> PagePlan:
    statements = [
        with_joins(page_select(shape, source, [*where, *conditions], order, lead_is_empty=lead_is_empty), order, joins)
        for conditions, lead_is_empty in order.parts(cursor)
    ]
    return PagePlan(order, shape.width(), tuple(statements))
