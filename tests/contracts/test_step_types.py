"""Every type of step has all its parts, tested the day it appears: settings, an example that is published and tried,
the rights that it says it needs, a guide text, and a recorded history.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.dry_run import Outcome, dry_run
from crm_app.automation.guide import guide_page
from crm_app.automation.report_findings import Around
from crm_app.automation.step_looks import _LOOKS as LOOKS
from crm_app.automation.step_type import Need, StepConfig, StepType
from crm_app.automation.trial import WAYS
from crm_app.definitions.automation import AutomationDefinition
from crm_app.definitions.load import load_definition, load_package
from crm_app.definitions.package import Package
from crm_app.kernel.actor import UserActor
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services.connections import save_connection
from crm_app.services.live import Schema
from crm_app.services.territories import save_territory, set_members
from tests.builders import Crm, field, object_body, role_body, select_field
from tests.databases import database
from tests.workflows.builders import automation
from tests.workflows.record import RECORDINGS, kept
from workflows.interpreter import CONTROLS
from workflows.walking import blocks_by_id

Body = dict[str, Any]
GUIDE = guide_page()
CONVERT = {key: value for key, value in STEP_TYPES.get("convert").examples[0].items() if key != "compensate"}
BEFORE: Mapping[str, Body] = {
    "steps.follow_up": {"id": "follow_up", "type": "create", "object": "task", "values": {"subject": "'Follow up'"}},
    "steps.found": {"id": "found", "type": "find", "object": "task"},
    '"step": "convert"': CONVERT,
}
"""What stands before an example that speaks of it."""

FAILS = {"no": "Nobody is there to take Acme"}
EXAMPLES = [
    pytest.param(kind, example, id=f"{kind.name}-{example['id']}")
    for kind in sorted(STEP_TYPES, key=lambda each: each.name)
    for example in kind.examples
]
KINDS = pytest.mark.parametrize("kind", sorted(STEP_TYPES, key=lambda each: each.name), ids=lambda each: each.name)


def _to(name: str) -> Body:
    return field(name, "relation", config={"object": name})


@cache
def shop() -> Package:
    """What the examples speak of; whoever onlooks may read all of it, and do nothing."""
    papers = field("documents", "file", config={"many": True})
    task = object_body(
        "task", field("subject", required=True), field("due_date", "date"), field("done", "boolean", default=False),
        _to("deal"), _to("lead"), _to("contact"), activity={"when": "due_date", "done": "done"},
    )  # fmt: skip
    deal = object_body(
        "deal", select_field("stage", ("engaging", "won", "lost")), select_field("priority", ("low", "high")),
        field("amount", "currency"), field("close_date", "date"), field("region", "territory"),
        _to("company"), _to("contact"), field("company_name"), field("website"),
    )  # fmt: skip
    lead = object_body(
        "lead", field("company_name"), field("email", "email"), field("interest"), field("budget", "currency"), papers
    )
    bodies = [
        object_body("company", field("last_win", "date"), field("website")),
        object_body("contact", field("email", "email"), field("first_name"), _to("company"), papers),
        {**task, "fields": task["fields"][1:], "name_field": "subject"}, lead, deal,
    ]  # fmt: skip
    actions = ["read", "create", "edit", "delete", "transfer"]
    table: Body = {
        "format_version": 1, "name": "discount", "label": "Discount", "object": "deal",
        "inputs": [{"rule": "amount"}], "rows": [{"when": ["-"], "then": "5"}], "otherwise": "0",
    }  # fmt: skip
    names = [str(body["name"]) for body in bodies]
    whole = role_body("sales_rep", {"objects": names, "actions": actions})
    onlooker = role_body("onlooker", {"objects": names, "actions": ["read"]})
    welcome = automation("welcome_pack", {"type": "called", "object": "company"}, {"id": "end", "type": "stop"})
    return load_package(
        {
            "objects": {f"objects/{name}.json": body for name, body in zip(names, bodies, strict=True)},
            "roles": {"roles/sales_rep.json": whole, "roles/onlooker.json": onlooker},
            "decisions": {"decisions/discount.json": table},
            "automations": {"automations/welcome_pack.json": welcome},
        }
    )


class Shop(Crm):
    """With one deal and one lead of everybody's."""

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url, shop())
        self.workspace.tools = replace(self.workspace.tools, runs_code=True)
        self.boss = self.user("Boss", "sales_rep")
        self.admin = self.user("Ada", "admin")
        self.people = {role: self.user(role.title(), role, "North", manager=self.boss.user_id) for role in ROLES}
        with self.work() as work:
            region = save_territory(work, "North")
            set_members(work, region, {self.boss.user_id})
            save_connection(work, "erp", {"type": "http", "base_url": "https://erp.example.com"}, None)
            save_connection(work, "mail", {"type": "smtp", "host": "mail.example.com", "sender": "a@example.com"}, None)
        company = self.create("company", name="Acme").ref.id
        contact = self.create("contact", name="Zoë", first_name="Zoë", email="zoe@example.org").ref.id
        about = {"company": company, "contact": contact, "company_name": "Acme", "region": str(region)}
        for person in self.people.values():
            mine = {"owner": person.user_id, "name": "Acme"}
            self.create("deal", amount="60000 USD", stage="won", close_date="2031-03-31", **about, **mine)
            self.create("lead", company_name="Acme", budget="5 USD", interest="Boats", **mine)

    def tried(self, definition: AutomationDefinition, runner: UserActor) -> Outcome:
        with self.work(self.admin) as work:
            outcomes = [
                t.outcome for t in dry_run(work, definition).tried if t.event.after["owner"] == str(runner.user_id)
            ]
        (outcome,) = outcomes
        return outcome


ROLES = ("sales_rep", "onlooker")


@pytest.fixture(scope="module")
def crm(postgres_server: EmbeddedPostgres) -> Iterator[Shop]:
    with database(postgres_server) as url:
        found = Shop(url)
        yield found
        found.close()


def defined(example: Body) -> AutomationDefinition:
    text = json.dumps(example)
    about = "lead" if "convert" in example["type"] else "deal"
    steps = [body for mark, body in BEFORE.items() if mark in text]
    body = automation("it", {"type": "record.created", "object": about}, *steps, example)
    return load_definition(AutomationDefinition, body, "it")


def needs_of(example: Body) -> list[Need]:
    definition = defined(example)
    package = shop().merged(Package(automations=(definition,)))
    return [need for step in Around(Schema(0, package)).of(definition).steps for need in step.needs]


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_every_example_can_be_published_and_tried(crm: Shop, kind: StepType, example: Body) -> None:
    definition = defined(example)
    package = shop().merged(Package(automations=(definition,)))
    assert Around(Schema(0, package)).of(definition).found.problems == []
    outcome = crm.tried(definition, crm.people["sales_rep"])
    assert outcome.error == FAILS.get(example["id"], "")
    assert kind.name in {step.type for step in outcome.steps} | ({kind.name} if kind.name in SILENT else set())


SILENT = frozenset({"parallel", "try"})
"""They decide nothing before what is in them is done."""


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_a_step_that_says_it_needs_no_right_can_be_done_without_any(crm: Shop, kind: StepType, example: Body) -> None:
    """And one that does is refused to who may only read."""
    del kind
    needs = [need for need in needs_of(example) if need.action != "read"]
    error = crm.tried(defined(example), crm.people["onlooker"]).error
    assert bool(error) == (bool(needs) or example["id"] in FAILS), error


@KINDS
def test_every_type_says_what_it_does_and_looks_like_something(kind: StepType) -> None:
    assert kind.label
    assert kind.description.endswith(".")
    assert issubclass(kind.config, StepConfig)
    assert kind.config.model_config.get("extra") == "forbid"
    assert kind.config.model_config.get("frozen") is True
    assert kind.name in LOOKS, "Say in `step_looks` which icon it has and of which family it is."
    assert f"## {kind.label} (`{kind.name}`)" in GUIDE


@KINDS
def test_every_type_is_walked_tried_and_recorded(kind: StepType) -> None:
    assert kind.flow is None or kind.name in CONTROLS or kind.ends
    assert (kind.name in WAYS) == (kind.name in CONTROLS)
    recorded = [
        recording.name
        for recording in RECORDINGS
        if kind.name in {block.type for block in blocks_by_id(recording.message.blocks or ()).values()}
    ]
    assert recorded
    assert set(recorded) <= kept().keys()
