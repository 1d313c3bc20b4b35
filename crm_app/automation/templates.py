"""Automations to begin with."""

from collections.abc import Callable
from dataclasses import dataclass

from crm_app.automation import template_bodies as bodies
from crm_app.automation.catalog import STEP_TYPES, TRIGGER_TYPES
from crm_app.automation.slots import Body
from crm_app.definitions.object import ObjectDefinition


@dataclass(frozen=True)
class Template:
    """`make` gives the trigger and the steps for an object."""

    name: str
    label: str
    description: str
    types: frozenset[str]
    make: Callable[[ObjectDefinition], Body]

    @property
    def is_offered(self) -> bool:
        """Whether every type that it is made of is installed."""
        return all(name in STEP_TYPES or name in TRIGGER_TYPES for name in self.types)


_ALL = (
    Template(
        "stamp", "Fill a date when a stage is entered",
        "Writes today's date into a field once a record reaches a stage.",
        frozenset({"stage.entered", "update"}), bodies.stamp,
    ),
    Template(
        "defaults", "Fill what was left empty", "Completes new records in which a field has no value.",
        frozenset({"record.created", "update"}), bodies.defaults,
    ),
    Template(
        "split", "Treat large ones differently", "Goes one way or another, by what a new record holds.",
        frozenset({"record.created", "branch"}), bodies.split,
    ),
    Template(
        "follow_up", "Follow up after it is won", "Tells the owner, and makes a task for two weeks later.",
        frozenset({"stage.entered", "notify", "task"}), bodies.follow_up,
    ),
    Template(
        "welcome", "Welcome in several steps", "Tasks on the first day, after three days and after two weeks.",
        frozenset({"record.created", "task", "wait"}), bodies.welcome,
    ),
    Template(
        "stale", "Remind of what lies still", "Tells the owner once nothing has changed for two weeks.",
        frozenset({"date.reached", "notify"}), bodies.stale,
    ),
    Template(
        "approval", "Ask for approval of large ones", "The owner's manager decides, within three days.",
        frozenset({"record.created", "branch", "approval", "notify"}), bodies.approval,
    ),
    Template(
        "escalation", "Escalate what is not done", "Reminds the owner after a day and their manager after two.",
        frozenset({"record.created", "wait", "branch", "notify"}), bodies.escalation,
    ),
    Template(
        "round_robin", "Share out new ones by turns", "New records go to the members of a team in turn.",
        frozenset({"record.created", "assign", "notify"}), bodies.round_robin,
    ),
    Template(
        "renewal", "Renew in time", "Makes a task a month before a date.",
        frozenset({"date.reached", "task"}), bodies.renewal,
    ),
    Template(
        "hook", "Tell another system", "Sends every change to a connection, and says so where that fails.",
        frozenset({"record.updated", "try", "http", "notify"}), bodies.hook,
    ),
)  # fmt: skip
TEMPLATES: dict[str, Template] = {each.name: each for each in _ALL if each.is_offered}
