from collections.abc import Callable
from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services.draft_objects import archive_object, draft_object, restore_object
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import here
from crm_app.ui.builder.addresses import builder_path
from crm_app.ui.builder.builder_data import ProblemLine
from crm_app.ui.builder.objects_data import BundleChoice, ObjectLine, ObjectsData, RoleChoice, objects_data
from crm_app.ui.door import enter
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.shell_state import complaint, focus, set_title, visit

_PARTS = ("name", "label", "plural", "icon", "color")


class ObjectsPage(rx.State):
    shown_at: str = ""
    lines: rx.Field[list[ObjectLine]] = rx.field(default_factory=list)
    roles: rx.Field[list[RoleChoice]] = rx.field(default_factory=list)
    bundles: rx.Field[list[BundleChoice]] = rx.field(default_factory=list)
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    changes: int = 0
    archived: rx.Field[list[ObjectLine]] = rx.field(default_factory=list)
    problems: rx.Field[list[ProblemLine]] = rx.field(default_factory=list)
    publish_href: str = ""

    @rx.event
    async def open(self) -> None:
        data = await visit(self, objects_data)
        if data is None:
            return
        self.errors = {}
        self._show(data)
        self.shown_at = here(self.router.url)
        await set_title(self, "Objects")

    def _show(self, data: ObjectsData) -> None:
        self.lines, self.roles, self.bundles, self.changes = data.lines, data.roles, data.bundles, data.changes
        self.archived, self.problems, self.publish_href = data.archived, data.problems, data.publish_href

    async def _take(self, step: Callable[[UnitOfWork], object]) -> Any:
        def taken(work: UnitOfWork) -> ObjectsData:
            step(work)
            return objects_data(work)

        data, said = await attempt(self, taken)
        if data is not None:
            self._show(data)
        return said

    @rx.event
    async def archive(self, name: str) -> Any:
        """In the draft; its records stay, and it can be restored."""
        return await self._take(lambda work: archive_object(work, str(name)))

    @rx.event
    async def restore(self, name: str) -> Any:
        return await self._take(lambda work: restore_object(work, str(name)))

    @rx.event
    async def create(self, form: dict[str, Any]) -> Any:
        """Adds to the draft only; a name that is taken or no name is told at its input."""
        named = {part: str(form.get(part, "")).strip() for part in _PARTS}
        ticked = [bundle["name"] for bundle in self.bundles if form.get(f"bundle::{bundle['name']}")]
        roles = {role["name"]: str(form.get(f"role::{role['name']}", "none")) for role in self.roles}
        try:
            await enter(self, lambda work: draft_object(work, named, ticked, roles))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            prefix = f"objects/{named['name']}/"
            found = {problem.path.removeprefix(prefix): problem.message for problem in refusal.problems}
            self.errors = {part: text for part, text in found.items() if part in _PARTS}
            first = next(iter(self.errors), "")
            return [focus(f"new-object-{first}")] if first else complaint(sentence(refusal))
        self.errors = {}
        return rx.redirect(builder_path(named["name"]))
