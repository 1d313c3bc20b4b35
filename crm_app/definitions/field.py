from functools import cached_property
from typing import Any, Self

from pydantic import Field, model_validator

from crm_app.definitions.model import STORED_NAME, ApiName, Label, Part
from crm_app.fields.catalog import FIELD_TYPES
from crm_app.fields.field_type import FieldConfig, FieldType, cell_of_json
from crm_app.fields.many_to_many import ManyToManyConfig
from crm_app.fields.relation import RelationConfig
from crm_app.fields.rule_type import RuleType

FIELD_CONDITIONS = ("visible_when", "required_when", "read_only_when")


class FieldDefinition(Part):
    """One property of an object. `config` holds the settings of its type. The three `…_when` are rules over the record,
    judged on the record as it would be saved: an invisible field keeps its value and is not required; a read-only one
    can't be changed once the record exists. `default` is a value, or `{"rule": "today + P30D"}`. `column` is where
    values are stored, when that is not the name: the platform sets it on a rename or a new type. Archived, a field
    keeps its values and is seen nowhere.
    """

    name: ApiName
    label: Label
    type: str
    config: dict[str, Any] = Field(default_factory=dict)
    required: bool = False
    unique: bool = False
    read_only: bool = False
    searchable: bool = False
    indexed: bool = False
    default: Any = None
    help: str = Field(default="", max_length=500)
    placeholder: str = Field(default="", max_length=100)
    visible_when: str = ""
    required_when: str = ""
    read_only_when: str = ""
    archived: bool = False
    column: str = Field(default="", pattern=STORED_NAME)
    former_names: tuple[ApiName, ...] = Field(default=(), max_length=100)

    @model_validator(mode="after")
    def _config_fits_the_type(self) -> Self:
        if self.type not in FIELD_TYPES:
            raise ValueError(FIELD_TYPES.unknown(self.type))
        _ = self.settings
        return self

    @cached_property
    def field_type(self) -> FieldType:
        """The type as it behaves under this config."""
        registered = FIELD_TYPES.get(self.type)
        return registered if registered.variant is None else registered.variant(self.settings)

    @property
    def is_computed(self) -> bool:
        """Whether its values are worked out when they are read, so that nothing is stored."""
        return self.field_type.is_computed

    @property
    def is_read_only(self) -> bool:
        """Whether nobody sets it: by its definition, or because the product gives its values."""
        return self.read_only or self.field_type.is_generated

    @cached_property
    def settings(self) -> FieldConfig:
        """`config`, typed and with its defaults; of a computed field of which it is known, that of what it gives."""
        return self.own_settings

    @cached_property
    def own_settings(self) -> FieldConfig:
        """`config` as the field's own type has it."""
        return FIELD_TYPES.get(self.type).config.model_validate(self.config)

    @property
    def default_rule(self) -> str:
        """The formula of the default; empty where the default is a value."""
        match self.default:
            case {"rule": str(rule), **others} if not others:
                return rule
            case _:
                return ""

    @property
    def conditions(self) -> dict[str, str]:
        """The rules over the record that there are, by what they decide."""
        named = {name: getattr(self, name) for name in FIELD_CONDITIONS}
        return {name: text for name, text in named.items() if text.strip()}

    @cached_property
    def rule_type(self) -> RuleType:
        return self.field_type.rule_type(self.settings)

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """The objects whose records it points at; one of the product's own among them; none for any other field."""
        if isinstance(self.settings, (RelationConfig, ManyToManyConfig)):
            return self.settings.targets
        return (self.field_type.target,) if self.field_type.target else ()

    @property
    def target(self) -> str:
        """The object that all its records are of; empty for a relation to several and for any other field."""
        return self.targets[0] if self.targets and not self.is_to_any else ""

    @property
    def is_to_any(self) -> bool:
        """A relation whose value is an object's name and an id."""
        return isinstance(self.settings, RelationConfig) and bool(self.settings.objects)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns, as everything but the database itself calls them."""
        return tuple(self.name + column.suffix for column in self.field_type.columns)

    @property
    def stored(self) -> str:
        """The first column's name in the database; it outlives a rename."""
        return self.column or self.name

    @property
    def stored_columns(self) -> tuple[str, ...]:
        return () if self.is_computed else tuple(self.stored + column.suffix for column in self.field_type.columns)

    def parse(self, raw: Any) -> Any:
        return self.field_type.parse(raw, self.settings)

    def dump(self, value: Any) -> Any:
        return None if value is None else self.field_type.dump(value, self.settings)

    def edit(self, value: Any) -> str:
        """What a form's input and a CSV file hold: a number is a bare number, and `parse` takes any of it back."""
        if value is None:
            return ""
        edit = self.field_type.edit
        return edit(value, self.settings) if edit else cell_of_json(self.dump(value))

    def text(self, value: Any) -> str:
        return "" if value is None else self.field_type.text(value, self.settings)


def _system(name: str, label: str, type_name: str, *, read_only: bool = True) -> FieldDefinition:
    return FieldDefinition(name=name, label=label, type=type_name, read_only=read_only)


OWNER = _system("owner", "Owner", "user", read_only=False)
SYSTEM_FIELDS: tuple[FieldDefinition, ...] = (
    OWNER,
    _system("created_at", "Created", "datetime"),
    _system("created_by", "Created by", "user"),
    _system("updated_at", "Updated", "datetime"),
    _system("updated_by", "Updated by", "user"),
)
RESERVED_NAMES = frozenset(
    {
        "id",
        "version",
        "deleted_at",
        "old",
        "vars",
        "steps",
        "me",
        "today",
        "now",
        *(field.name for field in SYSTEM_FIELDS),
    }
)
