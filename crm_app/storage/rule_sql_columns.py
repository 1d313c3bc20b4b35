"""The names of rules in the tables of one schema version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause, true


class Tables(Protocol):
    def __getitem__(self, object: str, /) -> FromClause: ...  # noqa: A002 - the product's word


def everything(_object: str, _source: FromClause) -> ColumnElement[bool]:
    return true()


@dataclass(frozen=True)
class TableColumns:
    """`tables` by object, `user` included. `inverses` names, for a `list⟨ref⟩` field of an object, the
    target's field that points back. `sees` is the reader's visibility; it is asked once per hop.
    """

    root: FromClause
    tables: Tables
    inverses: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    sees: Callable[[str, FromClause], ColumnElement[bool]] = everything

    def column(self, source: FromClause, name: str, /) -> ColumnElement[Any]:
        return source.c[name]

    def source(self, object: str, /) -> FromClause:  # noqa: A002 - the product's word
        return self.tables[object].alias()

    def visible(self, object: str, source: FromClause, /) -> ColumnElement[bool]:  # noqa: A002 - likewise
        return self.sees(object, source)

    def related(self, object: str, field: str, outer: FromClause, inner: FromClause, /) -> ColumnElement[bool]:  # noqa: A002
        return inner.c[self.inverses[object, field]] == outer.c.id
