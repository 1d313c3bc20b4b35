from typing import Any

from crm_app.definitions.bundle import Bundle, with_fields

_FIELDS = (("street", "Street"), ("postal_code", "Postal code"), ("city", "City"), ("country", "Country"))


def _apply(body: dict[str, Any]) -> dict[str, Any]:
    return with_fields(body, *[{"name": name, "label": label, "type": "text"} for name, label in _FIELDS])


BUNDLE = Bundle(
    name="address",
    label="Address",
    description="Street, postal code, city and country.",
    apply=_apply,
)
