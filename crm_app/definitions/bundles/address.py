from crm_app.definitions.bundle import Bundle, with_fields

BUNDLE = Bundle(
    name="address",
    label="Address",
    description="Street, city, region, postal code and country, kept together in one field.",
    apply=lambda body: with_fields(body, {"name": "address", "label": "Address", "type": "address"}),
)
