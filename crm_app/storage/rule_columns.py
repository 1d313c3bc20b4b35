"""How the names of a rule become columns, with the reader's own visibility at every hop."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, and_

from crm_app.access.visible import Visibility
from crm_app.storage.lists import live_clause
from crm_app.storage.tables import TableSet


@dataclass(frozen=True)
class RuleColumns:
    """For one query: `root` is the table that the rule is about, `reach` what the reader sees of an object."""

    root: Table
    tables: TableSet
    reach: Callable[[str], Visibility]

    def column(self, source: FromClause, field: str) -> ColumnElement[Any]:
        return source.c[field]

    def source(self, object: str) -> FromClause:  # noqa: A002 - the product's word
        return self.tables[object].alias()

    def visible(self, object: str, source: FromClause) -> ColumnElement[bool]:  # noqa: A002 - likewise
        return and_(*live_clause(source, self.reach(object)))

    def related(self, object: str, field: str, outer: FromClause, inner: FromClause) -> ColumnElement[bool]:  # noqa: A002, ARG002
        """A reverse relation is named `<object>_<field>`, after who points here and by which field."""
        return inner.c[field.rpartition(".")[2]] == outer.c.id
