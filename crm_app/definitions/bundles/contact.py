from typing import Any

from crm_app.definitions.bundle import Bundle, with_fields


def _apply(body: dict[str, Any]) -> dict[str, Any]:
    return with_fields(
        body,
        {"name": "email", "label": "Email", "type": "email"},
        {"name": "phone", "label": "Phone", "type": "phone"},
    )


BUNDLE = Bundle(
    name="contact",
    label="Contact details",
    description="An email address and a phone number.",
    apply=_apply,
)
