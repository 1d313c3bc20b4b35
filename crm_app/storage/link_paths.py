"""Where the links of many-to-many fields are."""

from dataclasses import dataclass

from crm_app.definitions.package import Package
from crm_app.storage.rule_sql_columns import LinkPath
from crm_app.storage.tables import TableSet


@dataclass(frozen=True)
class LinkPaths:
    tables: TableSet
    package: Package

    def path(self, name: str, field: str) -> LinkPath | None:
        """Where rules find the records that a name of the object leads to, if by links."""
        linked = self.package.linked.get((name, field))
        if linked is None:
            return None
        here, there = ("target", "source") if linked.is_back else ("source", "target")
        return LinkPath(self.tables.links(linked.object, linked.field), here, there)
