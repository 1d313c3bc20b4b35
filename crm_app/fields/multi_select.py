from typing import cast

from crm_app.fields.choices import ChoiceConfig, parse_option
from crm_app.fields.field_type import Column, FieldType
from crm_app.fields.rule_type import RuleType, list_of


def _parse(raw: object, config: ChoiceConfig) -> list[str]:
    """A list of options, or their names in one text separated by semicolons; doubles are dropped, order is kept."""
    parts = [part for part in raw.split(";") if part.strip()] if isinstance(raw, str) else raw
    items = cast("list[object]", parts) if isinstance(parts, list) else [parts]
    return list(dict.fromkeys(parse_option(item, config) for item in items))


def _rule_type(config: ChoiceConfig) -> RuleType:
    return list_of(RuleType("enum", options=tuple(option.name for option in config.options)))


FIELD_TYPE = FieldType(
    name="multi_select",
    label="Multi-select",
    widget="multi_select",
    description="Any number of a list of options.",
    config=ChoiceConfig,
    parse=_parse,
    text=lambda value, config: "; ".join(config.label_of(name) for name in value),
    rule_type=_rule_type,
    columns=(Column("text[]"),),
    operators=("contains", "is_empty", "is_not_empty"),
    examples=(["first"], "first; Second"),
    hostile=("third", [["first"]], {"a": 1}, ["first", 3]),
    is_sortable=False,
)
