from crm_app.fields.choices import ChoiceConfig, parse_option
from crm_app.fields.field_type import EQUALITY, FieldType
from crm_app.fields.rule_type import RuleType


def _rule_type(config: ChoiceConfig) -> RuleType:
    return RuleType("enum", options=tuple(option.name for option in config.options))


FIELD_TYPE = FieldType(
    name="select",
    label="Select",
    widget="select",
    description="One of a list of options. A pipeline's stages are the options of a select field.",
    config=ChoiceConfig,
    parse=parse_option,
    text=lambda value, config: config.label_of(value),
    rule_type=_rule_type,
    operators=EQUALITY,
    examples=("first", "Second"),
    hostile=("third", 1, ["first"], {"name": "first"}, "first' or 1=1"),
)
