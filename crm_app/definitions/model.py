"""What every definition has in common: frozen, strict about unknown keys, and it never writes its defaults."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from crm_app.fields.choices import API_NAME

FORMAT_VERSION = 1

ApiName = Annotated[str, Field(pattern=API_NAME)]
Label = Annotated[str, Field(min_length=1, max_length=100)]


class Part(BaseModel):
    """A piece of a definition."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Definition(Part):
    """`name` is the API name and never changes; `label` is free."""

    format_version: int = FORMAT_VERSION
    name: ApiName
    label: Label

    def canonical(self) -> dict[str, Any]:
        """JSON without defaults, in the model's own order: what `export` writes and the database keeps."""
        body = self.model_dump(mode="json", exclude_defaults=True)
        return {"format_version": self.format_version, **body}
