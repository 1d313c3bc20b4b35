"""What is done to an automation as a whole: its JSON kept, versions compared and brought back, and publishing."""

from typing import Any

import reflex as rx

from crm_app.automation import drafting
from crm_app.automation.history import restore_version
from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services import drafts
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.builder.builder_data import MORE_CHECKS
from crm_app.ui.builder.json_data import JsonProblem, placed, read_json
from crm_app.ui.designer.addresses import designer_path
from crm_app.ui.designer.designer_state import Designer
from crm_app.ui.door import enter
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.shell_state import complaint, notice


class DesignerActions(rx.State):
    problems: rx.Field[list[JsonProblem]] = rx.field(default_factory=list)

    @rx.event
    async def save_json(self, form: dict[str, Any]) -> Any:
        """The text becomes the draft when it is a definition; else every problem is told with its line."""
        designer = await self.get_state(Designer)
        name, text = designer._looking().name, str(form.get("json", ""))
        body, self.problems = read_json(text)
        if self.problems:
            return None
        if not isinstance(body, dict):
            self.problems = [JsonProblem(line="Line 1", path="", message="A definition is a JSON object.")]
            return None
        plain = {key: value for key, value in body.items() if key != "$schema"}
        try:
            found = await enter(self, lambda work: _kept(work, name, plain))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.problems = placed(text, drafting.key_of(name), refusal.problems)
            return None if self.problems else complaint(sentence(refusal))
        await designer._take(drafts.read_draft)
        self.problems = placed(text, drafting.key_of(name), found)
        return notice("The draft holds this JSON now.")

    @rx.event
    async def compare(self, form: dict[str, Any]) -> Any:
        designer = await self.get_state(Designer)
        designer._before, designer._after = _number(form.get("before")), _number(form.get("after"))
        return await designer._act(drafts.read_draft)

    @rx.event
    async def restore(self, number: int) -> Any:
        designer = await self.get_state(Designer)
        name, wanted = designer._looking().name, _number(number)
        _, said = await attempt(self, lambda work: restore_version(work, name, wanted))
        if said:
            return said
        await designer._take(drafts.read_draft)
        return [rx.redirect(designer_path(name)), notice(f"Your draft is version {wanted} now.")]

    @rx.event
    async def publish(self) -> Any:
        """The service plans, checks and compares again: what the page showed may be old."""
        designer = await self.get_state(Designer)
        changes, said = await attempt(self, lambda work: drafts.publish_draft(work, MORE_CHECKS, agreed=()))
        await designer._visit()
        count = len(changes or ())
        return said or notice(f"Published: {count} {'change' if count == 1 else 'changes'}.")


def _kept(work: UnitOfWork, name: str, body: dict[str, Any]) -> list[Any]:
    """What is wrong with it all the same, so that it can't be published."""
    drafting.edit(work, name, "Edit as JSON", lambda _body: body)
    return drafting.scene_of(work, drafts.read_draft(work), name).examined().problems


def _number(given: object) -> int:
    text = str(given)
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 0  # noqa: PLR2004 - an int4
