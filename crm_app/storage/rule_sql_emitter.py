"""What the parts of the SQL target share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause

from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Call, Node
from crm_app.storage.rule_sql_values import Element, MoneySql, Sql, plain

CURRENCY_SUFFIX = "__currency"
Related = tuple[FromClause, ColumnElement[Any]]


class Columns(Protocol):
    """How names become columns. A money field has a second column `<field>__currency`."""

    @property
    def root(self) -> FromClause:
        """The table or alias whose record the rule is about, as it stands in the query around it."""
        ...

    def column(self, source: FromClause, field: str, /) -> ColumnElement[Any]: ...

    def source(self, object: str, /) -> FromClause:  # noqa: A002 - the product's word
        """A fresh alias of the object's table."""
        ...

    def visible(self, object: str, source: FromClause, /) -> ColumnElement[bool]:  # noqa: A002 - likewise
        """What the reader may see of it. Added at every hop; the query around the rule adds its own."""
        ...

    def pointed(self, object: str, field: str, source: FromClause, /) -> ColumnElement[Any]:  # noqa: A002 - likewise
        """The id that a relation holds, null where the reader can't see what it points at."""
        ...

    def related(self, object: str, field: str, inner: FromClause, /) -> Related:  # noqa: A002 - likewise
        """The inner record with what stands between it and those whose `list⟨ref⟩` field holds it, and their ids."""
        ...


class MissingInputs(RuntimeError):
    """A bug of the caller: the rule mentions `me`, `today`, `old`, … and was given none."""


@dataclass(frozen=True)
class Emitter:
    """`sources` are the records in reach, outermost first: a table, or the value itself where elements are
    values. `beside` has what the query around the rule has worked out of it already.
    """

    columns: Columns
    given: Inputs | None
    sources: tuple[FromClause | Sql, ...]
    visit: Callable[["Emitter", Node], Sql]
    visit_where: Callable[["Emitter", Node], ColumnElement[bool]]
    beside: Mapping[Node, Sql] = field(default_factory=dict[Node, Sql])

    @property
    def inputs(self) -> Inputs:
        if self.given is None:
            raise MissingInputs("This rule needs inputs.")
        return self.given

    def ready(self, node: Node) -> Sql | None:
        """What stands beside the record that the rule is about, wherever formulas of its own name it."""
        is_about_root = len(self.sources) == 1 and self.sources[0] is self.columns.root
        return self.beside.get(node) if self.beside and is_about_root else None

    def emit(self, node: Node) -> Sql:
        return self.visit(self, node)

    def plain(self, node: Node) -> Element:
        return plain(self.emit(node))

    def where(self, node: Node) -> ColumnElement[bool]:
        """A condition of which only *true* matters."""
        return self.visit_where(self, node)

    def within(self, element: FromClause | Sql) -> "Emitter":
        return replace(self, sources=(*self.sources, element))

    def about(self, source: FromClause) -> "Emitter":
        """For a rule of that record's own: a formula field."""
        return replace(self, sources=(source,))

    def table(self, level: int) -> FromClause:
        source = self.sources[level]
        if isinstance(source, (MoneySql, ColumnElement)):
            raise TypeError("the element is a value")
        return source


Make = Callable[[Emitter, Call], Sql]
