from crm_app.fields.field_type import Column, FieldType, FieldValueError
from crm_app.fields.rule_type import BOOL

_TRUE = {"true", "yes", "on", "1", "y"}
_FALSE = {"false", "no", "off", "0", "n"}


def _parse(raw: object, _config: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower() if isinstance(raw, (str, int)) else ""
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise FieldValueError(f"'{str(raw)[:40]}' is neither yes nor no.")


FIELD_TYPE = FieldType(
    name="boolean",
    label="Yes / no",
    widget="boolean",
    description="Yes or no.",
    parse=_parse,
    text=lambda value, _config: "Yes" if value else "No",
    rule_type=lambda _config: BOOL,
    columns=(Column("boolean"),),
    operators=("eq", "ne"),
    examples=(True, "no", "on"),
    hostile=("maybe", 2, [True], {"a": 1}),
)
