from crm_app.definitions.bundle import Bundle, with_fields

BUNDLE = Bundle(
    name="owner_team",
    label="Owner and team",
    description="Every record has an owner; this adds the team that it belongs to.",
    apply=lambda body: with_fields(body, {"name": "team", "label": "Team", "type": "team"}),
)
