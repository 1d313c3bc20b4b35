"""Automations in an administrator's draft: every change is a step that can be undone."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crm_app.automation import tree_edits
from crm_app.automation.catalog import STEP_TYPES, TRIGGER_TYPES
from crm_app.automation.compiled import Examined, examined
from crm_app.automation.scope import DefinedFields
from crm_app.automation.slots import Body
from crm_app.automation.templates import TEMPLATES
from crm_app.automation.tree_edits import Spot
from crm_app.definitions.automation import AutomationDefinition
from crm_app.definitions.load import load_definition
from crm_app.definitions.package import Package
from crm_app.fields.choices import API_NAME
from crm_app.kernel.errors import Invalid, NotFound, Problem
from crm_app.services import drafts
from crm_app.services.code_steps import code_problems
from crm_app.services.connection_checks import connection_problems
from crm_app.services.draft_store import keep, locked, require_administrator, stored_body
from crm_app.services.drafts import Draft, add_to_draft, edit_draft
from crm_app.services.live import Schema
from crm_app.services.unit_of_work import UnitOfWork

Edit = Callable[[Body], Body]
MOST_COPIED = 200


@dataclass(frozen=True)
class Scene:
    """One automation of the draft, with all that is defined around it."""

    work: UnitOfWork
    draft: Draft
    package: Package
    definition: AutomationDefinition
    body: Body
    schema: Schema

    @property
    def scope(self) -> DefinedFields:
        return DefinedFields(self.schema)

    @property
    def key(self) -> str:
        return key_of(self.definition.name)

    @property
    def live(self) -> AutomationDefinition | None:
        found = self.work.schema.stored.automations
        return next((each for each in found if each.name == self.definition.name), None)

    def trying(self, body: Body) -> "Scene":
        """As if the draft held something else."""
        return replace(self, body=body, definition=load_definition(AutomationDefinition, body, self.key))

    def examined(self) -> Examined:
        found = examined(self.definition, self.schema.package, self.scope)
        own = [self.definition]
        around = [*connection_problems(self.work, own), *code_problems(self.work, own)]
        return replace(found, problems=[*found.problems, *around])


def key_of(name: str) -> str:
    return f"automations/{name}"


def scene_of(work: UnitOfWork, draft: Draft, name: str) -> Scene:
    package = drafts.drafted(work, draft)
    found = next((each for each in package.automations if each.name == name), None)
    if found is None:
        raise NotFound(f"There is no workflow '{name[:50]}'.")
    return Scene(work, draft, package, found, drafts.body_of(work, draft, key_of(name)), Schema(0, package.live))


def draft_automation(work: UnitOfWork, form: Mapping[str, Any]) -> Draft:
    """A new one over an object, from a trigger alone or from a template."""
    label, name, about, trigger, template = (
        str(form.get(part, "")).strip() for part in ("label", "name", "object", "trigger", "template")
    )
    problems = [Problem(part, "This is needed.") for part, text in (("label", label), ("name", name)) if not text]
    if name and not re.fullmatch(API_NAME, name):
        problems.append(Problem("name", "Lower-case letters, digits and underscores, beginning with a letter."))
    definition = work.catalog.by_name.get(about)
    if definition is None or definition not in work.catalog.objects:
        problems.append(Problem("object", "Choose what it is about."))
    if trigger not in TRIGGER_TYPES:
        problems.append(Problem("trigger", "Choose what starts it."))
    made = TEMPLATES.get(template)
    if template and made is None:
        problems.append(Problem("template", "There is no such template."))
    if problems or definition is None:
        raise Invalid("The workflow was not added.", problems)
    body: Body = {"name": name, "label": label, "trigger": {"type": trigger, "object": about}, "steps": []}
    if made is not None:
        body |= made.make(definition)
    return add_to_draft(work, f"Add workflow {label}", {key_of(name): body}, {})


def edit(work: UnitOfWork, name: str, label: str, change: Edit) -> Draft:
    return edit_draft(work, label, {key_of(name): change})


def add_step(work: UnitOfWork, name: str, type_name: str, spot: Spot) -> str:
    """Gives the new step's id."""
    known = STEP_TYPES.get(type_name)
    made: list[str] = []

    def added(body: Body) -> Body:
        taken = [str(found.step.get("id")) for found in tree_edits.walk(body)]
        step = tree_edits.new_step(type_name, tree_edits.free_id(type_name, taken))
        made.append(step["id"])
        return tree_edits.inserted(body, spot, [step])

    edit(work, name, f"Add {known.label}", added)
    return made[0]


def paste_steps(work: UnitOfWork, name: str, steps: list[Body], spot: Spot) -> str:
    """Gives the id of the first."""
    made: list[str] = []

    def added(body: Body) -> Body:
        after, ids = tree_edits.pasted(body, spot, steps)
        made.extend(ids)
        return after

    edit(work, name, "Paste", added)
    return made[0]


def copied(work: UnitOfWork, name: str, step_id: str) -> Body:
    step = tree_edits.find(drafts.body_of(work, drafts.read_draft(work), key_of(name)), step_id).step
    if sum(1 for _ in tree_edits.within(step)) > MOST_COPIED:
        raise Invalid(f"More than {MOST_COPIED} steps can't be copied at once.")
    return step


def archive(work: UnitOfWork, name: str) -> Draft:
    """One that was never published leaves the draft."""
    user, draft, key = require_administrator(work), locked(work), key_of(name)
    if stored_body(work, key) is not None:
        return edit_draft(work, f"Archive workflow {name}", {key: lambda body: {**body, "archived": True}})
    if key not in draft.edited:
        raise NotFound(f"There is no workflow '{name[:50]}'.")
    return keep(work, user, draft, f"Remove workflow {name}", {key: None})


def restore(work: UnitOfWork, name: str) -> Draft:
    return edit_draft(work, f"Restore workflow {name}", {key_of(name): lambda body: {**body, "archived": False}})
