"""What every definition has in common: frozen, strict about unknown keys, and it never writes its defaults."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from crm_app.fields.choices import API_NAME

FORMAT_VERSION = 1
STORED_NAME = r"^([a-z][a-z0-9_]{0,54})?$"

ApiName = Annotated[str, Field(pattern=API_NAME)]
Label = Annotated[str, Field(min_length=1, max_length=100)]


class Part(BaseModel):
    """A piece of a definition."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Made = TypeVar("Made", bound=Part)


def changed(part: Made, **changes: Any) -> Made:
    """A copy that keeps nothing of what was worked out from the old values, as `model_copy` would."""
    found = {name: getattr(part, name) for name in type(part).model_fields}
    if all(found[name] == value for name, value in changes.items()):
        return part
    return type(part).model_construct(None, **{**found, **changes})


class Definition(Part):
    """`name` is the API name and never changes; `label` is free."""

    format_version: int = FORMAT_VERSION
    name: ApiName
    label: Label

    def canonical(self) -> dict[str, Any]:
        """JSON without defaults, in the model's own order: what `export` writes and the database keeps."""
        body = self.model_dump(mode="json", exclude_defaults=True)
        return {"format_version": self.format_version, **body}
