"""A rule as a PostgreSQL expression: the same answer as its Python form for every record."""

from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause

from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Node


class Columns(Protocol):
    """How names become columns. A money field has a second column `<field>__currency`."""

    @property
    def root(self) -> FromClause:
        """The table or alias whose record the rule is about, as it stands in the query around it."""
        ...

    def column(self, source: FromClause, field: str) -> ColumnElement[Any]: ...

    def source(self, object: str) -> FromClause:  # noqa: A002 - the product's word
        """A fresh alias of the object's table."""
        ...

    def visible(self, object: str, source: FromClause) -> ColumnElement[bool]:  # noqa: A002 - likewise
        """What the reader may see of it. Added at every hop; the query around the rule adds its own."""
        ...

    def related(self, object: str, field: str, outer: FromClause, inner: FromClause) -> ColumnElement[bool]:  # noqa: A002
        """Whether the inner record is one of those that the outer record's `list⟨ref⟩` field holds."""
        ...


def to_sql(node: Node, columns: Columns, inputs: Inputs | None = None) -> ColumnElement[Any]:
    """The value of the expression. `inputs` gives `me`, `now`, `today`, `old`, `vars` and `steps`, each
    bound as a parameter. Money comes as its amount, null where currencies clash; `money_to_sql` gives
    both parts.
    """
    raise NotImplementedError(node, columns, inputs)


def to_where(node: Node, columns: Columns, inputs: Inputs | None = None) -> ColumnElement[bool]:
    """The same for a WHERE, where unknown and false are one: what indexes can serve is left plain."""
    raise NotImplementedError(node, columns, inputs)
