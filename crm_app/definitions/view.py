from typing import Literal

from crm_app.definitions.model import ApiName, Definition, Part


class SortBy(Part):
    field: ApiName
    descending: bool = False


class ViewDefinition(Definition):
    """A saved filter, sort and choice of fields. `filter` is a rule over the object."""

    object: ApiName
    kind: Literal["table", "board"] = "table"
    filter: str = ""
    sort: tuple[SortBy, ...] = ()
    fields: tuple[ApiName, ...] = ()
    archived: bool = False
