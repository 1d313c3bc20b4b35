"""What select and multi-select share: a closed list of options, each with a name that never changes."""

from typing import Self

from pydantic import Field, model_validator

from crm_app.fields.field_type import FieldConfig, FieldValueError

API_NAME = r"^[a-z][a-z0-9_]{0,49}$"


class Option(FieldConfig):
    name: str = Field(pattern=API_NAME, title="API name", description="What is stored; it never changes.")
    label: str = Field(min_length=1, max_length=100, title="Label", description="What people read.")
    color: str = Field(default="", pattern="^[a-z]*$", title="Color", description="The name of a color, such as teal.")


class ChoiceConfig(FieldConfig):
    options: tuple[Option, ...] = Field(
        min_length=1,
        max_length=500,
        title="Options",
        description="What can be chosen, in the order in which it is shown.",
    )

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [option.name for option in self.options]
        double = next((name for name in names if names.count(name) > 1), None)
        if double:
            raise ValueError(f"The option '{double}' appears twice.")
        return self

    def label_of(self, name: str) -> str:
        return next((option.label for option in self.options if option.name == name), name)


def parse_option(raw: object, config: ChoiceConfig) -> str:
    """Takes an option's name, or its label in any case."""
    if isinstance(raw, str):
        word = raw.strip()
        for option in config.options:
            if word == option.name or word.casefold() == option.label.casefold():
                return option.name
    known = ", ".join(option.name for option in config.options[:12])
    raise FieldValueError(f"'{str(raw)[:40]}' is not an option. The options are {known}.")
