"""A field that sums up related records whenever it is read."""

from typing import Literal, get_args

from pydantic import Field, ValidationInfo, field_validator

from crm_app.fields.choices import API_NAME
from crm_app.fields.field_type import FieldConfig, FieldType
from crm_app.fields.formula import FIELD_TYPE as FORMULA
from crm_app.fields.rule_type import TEXT

RollupFunction = Literal["count", "sum", "min", "max", "avg"]
FUNCTIONS: tuple[RollupFunction, ...] = get_args(RollupFunction)


class RollupConfig(FieldConfig):
    """`relation` is what rules call the related records from here: `deal_company` for those whose field `company`
    points here, or a field of links.
    """

    relation: str = Field(
        pattern=API_NAME,
        max_length=120,
        title="Related records",
        description="Which records are summed up, as rules call them: the object and its field that points here.",
    )
    function: RollupFunction = Field(
        default="count", title="Function", description="What is worked out over them: count, sum, min, max or avg."
    )
    field: str = Field(
        default="",
        pattern=f"{API_NAME}|^$",
        validate_default=True,
        title="Field",
        description="Of which of their fields; a count needs none.",
    )
    where: str = Field(
        default="",
        max_length=2_000,
        title="Only where",
        description="A rule about a related record: only those for which it is true.",
    )
    decimals: int = Field(
        default=2, ge=0, le=10, title="Decimals of an average", description="How many digits it keeps after the point."
    )

    @field_validator("field")
    @classmethod
    def _says_of_what(cls, field: str, info: ValidationInfo) -> str:
        function = info.data.get("function")
        if function == "count" and field:
            raise ValueError("A count takes no field.")
        if function not in (None, "count") and not field:
            raise ValueError("Choose a field: only a count needs none.")
        return field


FIELD_TYPE = FieldType(
    name="rollup",
    label="Rollup",
    widget="text",
    description=(
        "Sums up the records that point at this one, or are linked to it: their number, or the sum, least, greatest or "
        "average value of one of their fields, of all or only of those for which a rule holds. Worked out whenever it "
        "is read, over the records that the reader may see. Over no records a count or a sum of numbers is "
        "0 and everything else empty; amounts of several currencies have no sum."
    ),
    config=RollupConfig,
    parse=FORMULA.parse,
    rule_type=lambda _config: TEXT,
    columns=(),
    split=lambda _value: (),
    examples=("12",),
    hostile=FORMULA.hostile,
    is_generated=True,
    is_computed=True,
)
