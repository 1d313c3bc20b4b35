"""A field whose value is worked out from others whenever it is read; it is never stored, so it is never out of date."""

from pydantic import Field

from crm_app.fields.field_type import FieldConfig, FieldType
from crm_app.fields.rule_type import TEXT
from crm_app.fields.text_rules import clean_text

MAX_FORMULA = 4_096


class FormulaConfig(FieldConfig):
    formula: str = Field(
        min_length=1,
        max_length=MAX_FORMULA,
        title="Formula",
        description="What it is worked out from, such as amount * 1.19. It may use other formulas and rollups.",
    )
    decimals: int = Field(
        default=2,
        ge=0,
        le=10,
        title="Decimals",
        description="How many digits a number or an amount keeps after the point; more are rounded.",
    )


def _parse(raw: object, _config: FieldConfig) -> str:
    """Of a text that somebody compares with; nobody gives a value."""
    return clean_text(raw, max_length=MAX_FORMULA)


FIELD_TYPE = FieldType(
    name="formula",
    label="Formula",
    widget="text",
    description=(
        "Worked out from other fields whenever it is read, also across relations: `amount * 0.4`, `first & ' ' & "
        "last`, `company.city`. What it gives follows from the formula, and it is shown, filtered, sorted, "
        "grouped, exported and used in rules as a field of that type is. Nobody can set it. Who may not see a "
        "field that it uses doesn't see it either, and across a relation it reads only records that the reader may "
        "see."
    ),
    config=FormulaConfig,
    parse=_parse,
    rule_type=lambda _config: TEXT,
    columns=(),
    split=lambda _value: (),
    examples=("1,234.50",),
    hostile=(5, "a\x00b", "\ud800", ["x"], {"n": 1}, True),
    is_generated=True,
    is_computed=True,
)
