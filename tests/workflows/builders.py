"""A workspace with deals and tasks, automations over them, and a worker to run them."""

from typing import Any

from crm_app.automation.checks import check
from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.actor import UserActor
from crm_app.services.definitions import publish
from tests.builders import STAGES, SYSTEM, Crm, field, object_body, role_body, select_field

WON: dict[str, Any] = {"type": "stage.entered", "object": "deal", "field": "stage", "stage": "won"}
FOLLOW_UP: dict[str, Any] = {
    "id": "follow_up",
    "type": "create",
    "object": "task",
    "values": {"name": "'Follow up: ' & name", "due": "today + P7D", "owner": "owner", "deal": "id"},
}


def automation(name: str, trigger: dict[str, Any], *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    label = name.replace("_", " ").capitalize()
    return {"format_version": 1, "name": name, "label": label, "trigger": trigger, "steps": list(steps), **more}


def deals_and_tasks(*automations: dict[str, Any]) -> Package:
    """Reps do everything with both; clerks may not create tasks."""
    deal = object_body(
        "deal",
        select_field("stage", STAGES),
        field("amount", "currency"),
        field("note", "text"),
        field("secret", "text"),
    )
    task = object_body(
        "task",
        field("due", "date"),
        field("deal", "relation", config={"object": "deal"}),
        field("done", "boolean", default=False),
    )
    everything = ["read", "create", "edit", "delete"]
    both = {"objects": ["deal", "task"], "actions": everything}
    hidden = [{"object": "deal", "field": "secret", "level": "none"}]
    roles = [
        role_body("rep", both, field_levels=hidden),
        role_body("clerk", {"objects": ["deal", "task"], "actions": ["read", "edit"]}),
    ]
    return load_package(
        {
            "objects": {f"objects/{body['name']}.json": body for body in (deal, task)},
            "roles": {f"roles/{body['name']}.json": body for body in roles},
            "automations": {f"automations/{body['name']}.json": body for body in automations},
        }
    )


class Automated(Crm):
    """A workspace whose automations are checked as the product checks them, and one rep, who owns the deals."""

    rep: UserActor

    def __init__(self, database_url: str, *automations: dict[str, Any]) -> None:
        super().__init__(database_url, deals_and_tasks(*automations))
        self.rep = self.user("Rita")

    def publish(self, package: Package) -> None:
        with self.workspace.work(SYSTEM) as work:
            publish(work, package, (check,))
