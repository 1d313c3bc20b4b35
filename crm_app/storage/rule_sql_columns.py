"""The names of rules in the tables of one schema version."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause, and_, case, or_, select, true

from crm_app.fields.relation import OBJECT_SUFFIX
from crm_app.storage.rule_sql_emitter import Related


class Tables(Protocol):
    def __getitem__(self, object: str, /) -> FromClause: ...  # noqa: A002 - the product's word


@dataclass(frozen=True)
class LinkPath:
    """A table of links, and which of its columns holds the record at hand and which the one it leads to."""

    table: FromClause
    here: str
    there: str


def everything(_object: str, _source: FromClause) -> ColumnElement[bool]:
    return true()


def all_open(_object: str, _field: str) -> Sequence[str]:
    return ()


def without_links(_object: str, _field: str) -> LinkPath | None:
    return None


@dataclass(frozen=True)
class TableColumns:
    """`tables` by object, `user` included. `inverses` names, for a `list⟨ref⟩` field of an object, the
    target's field that points back; `link` gives the links of one that has a table of them. `sees` is the reader's
    visibility; it is asked once per hop. `closed` gives, for a relation of an object, what it points at where the
    reader may not see all of that.
    """

    root: FromClause
    tables: Tables
    inverses: Mapping[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    sees: Callable[[str, FromClause], ColumnElement[bool]] = everything
    link: Callable[[str, str], LinkPath | None] = without_links
    closed: Callable[[str, str], Sequence[str]] = all_open

    def column(self, source: FromClause, name: str, /) -> ColumnElement[Any]:
        return source.c[name]

    def source(self, object: str, /) -> FromClause:  # noqa: A002 - the product's word
        return self.tables[object].alias()

    def visible(self, object: str, source: FromClause, /) -> ColumnElement[bool]:  # noqa: A002 - likewise
        return self.sees(object, source)

    def pointed(self, object: str, field: str, source: FromClause, /) -> ColumnElement[Any]:  # noqa: A002 - likewise
        column, targets = source.c[field], self.closed(object, field)
        if not targets:
            return column
        return case(
            (or_(*(self._seen(name, field, source, is_one_of_several=len(targets) > 1) for name in targets)), column)
        )

    def _seen(self, name: str, field: str, outer: FromClause, *, is_one_of_several: bool) -> ColumnElement[bool]:
        target = self.source(name)
        of_it = [outer.c[field + OBJECT_SUFFIX] == name] if is_one_of_several else []
        found = select(target.c.id).where(target.c.id == outer.c[field], self.visible(name, target))
        return and_(*of_it, found.correlate_except(target).exists())

    def related(self, object: str, field: str, inner: FromClause, /) -> Related:  # noqa: A002 - likewise
        path = self.link(object, field)
        if path is None:
            return inner, inner.c[self.inverses[object, field]]
        links = path.table.alias()
        return links.join(inner, links.c[path.there] == inner.c.id), links.c[path.here]
