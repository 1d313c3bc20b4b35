from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services import drafts
from crm_app.services.drafts import Draft
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.json_data import JsonProblem, placed, read_json
from crm_app.ui.door import enter
from crm_app.ui.refusals import sentence
from crm_app.ui.shell_state import complaint, notice


class JsonTab(rx.State):
    problems: rx.Field[list[JsonProblem]] = rx.field(default_factory=list)

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        """The text becomes the draft when it is a definition; else every problem is told with its line."""
        builder = await self.get_state(Builder)
        key, text = f"objects/{builder._view().name}", str(form.get("json", ""))
        body, self.problems = read_json(text)
        if self.problems:
            return None
        if not isinstance(body, dict):
            self.problems = [JsonProblem(line="Line 1", path="", message="A definition is a JSON object.")]
            return None

        def saved(work: UnitOfWork) -> Draft:
            plain = {name: value for name, value in body.items() if name != "$schema"}
            return drafts.edit_draft(work, "Edit as JSON", {key: lambda _body: plain})

        try:
            await enter(self, saved)
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.problems = placed(text, key, refusal.problems)
            return None if self.problems else complaint(sentence(refusal))
        builder._turn += 1
        await builder._look()
        return notice("The draft holds this JSON now.")
