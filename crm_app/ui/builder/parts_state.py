"""The handlers of every tab that is a `PartTab`: what is done is the tab's own, over the object's JSON."""

from typing import Any

import reflex as rx

from crm_app.automation.rules import rules_of
from crm_app.definitions.edits import Body, Edit
from crm_app.services import drafts
from crm_app.services.draft_names import rename_object
from crm_app.services.drafts import Draft
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.builder.builder_data import View
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.part_data import Drop, PartTab
from crm_app.ui.builder.pipelines_data import added_stage
from crm_app.ui.builder.tab_data import PART_TABS
from crm_app.ui.shell_state import focus, notice


class PartsTab(rx.State):
    @rx.event
    async def choose(self, name: str) -> None:
        builder = await self.get_state(Builder)
        builder._choose("", _tab(builder._view()).choose(builder.chosen, str(name)))
        await builder._look()

    @rx.event
    async def move(self, thing: str, group: str, index: int) -> Any:
        builder = await self.get_state(Builder)
        view = builder._view()
        drop = Drop(str(thing), str(group), index if isinstance(index, int) else 0)
        return await _edit(builder, f"Move {drop.thing}", lambda body: _tab(view).move(body, view.chosen, drop))

    @rx.event
    async def save(self, form: dict[str, Any], about: str = "") -> Any:
        """Every change of the panel arrives here at once. `about` is the part that the panel was of: another may have
        been chosen since.
        """
        builder = await self.get_state(Builder)
        view, given = builder._view(), dict(form)
        label, part = f"Change {given.get('label') or view.tab}", str(about) or view.chosen
        return await _edit(builder, label, lambda body: _tab(view).save(body, part, given))

    @rx.event
    async def act(self, name: str) -> Any:
        builder = await self.get_state(Builder)
        view, chosen = builder._view(), [builder.chosen]

        def acted(body: Body) -> Body:
            after, chosen[0] = _tab(view).act(body, view.chosen, str(name))
            return after

        if said := await _edit(builder, f"{view.tab.capitalize()}: {name}", acted):
            return said
        builder._turn += 1
        builder._choose("", chosen[0])
        await builder._look()
        return None

    @rx.event
    async def rename_object(self, form: dict[str, Any]) -> Any:
        """All that names it follows, in the same draft; the page goes to where the object is then."""
        builder = await self.get_state(Builder)
        old, name = builder._view().name, str(form.get("name", "")).strip()
        if name == old:
            return None
        done: list[Any] = []

        def renamed(work: UnitOfWork) -> Draft:
            draft = rename_object(work, old, name, rules_of)
            done.append(notice(f"Renamed to {name} in your draft. The Publish tab shows what follows."))
            return draft

        went = await builder._step(renamed)
        return focus("rename-object") if builder.errors else [went, *done]

    @rx.event
    async def add_stage(self, form: dict[str, Any]) -> Any:
        builder = await self.get_state(Builder)
        view, given = builder._view(), dict(form)
        said = await _edit(builder, f"Add {given.get('label')}", lambda body: added_stage(body, view.chosen, given))
        if said or builder.errors:
            return said
        builder.added += 1
        builder._choose("", _tab(view).choose(view.chosen, str(given.get("name", ""))))
        await builder._look()
        return None


def _tab(view: View) -> PartTab:
    """A handler that is called from a tab that has no parts does what the layout's would."""
    return PART_TABS.get(view.tab, PART_TABS["layout"])


async def _edit(builder: Builder, label: str, edit: Edit) -> Any:
    key = f"objects/{builder._view().name}"
    return await builder._step(lambda work: drafts.edit_draft(work, label, {key: edit}))
