"""Fields: chosen, added, changed, put in order."""

from functools import partial
from typing import Any

import reflex as rx

from crm_app.automation.rules import rules_of
from crm_app.definitions import edits
from crm_app.definitions.edits import Body, Edit
from crm_app.definitions.field_settings import as_type, field_from
from crm_app.fields.catalog import FIELD_TYPES
from crm_app.kernel.errors import Invalid, Problem
from crm_app.services import drafts
from crm_app.services.draft_names import rename_field
from crm_app.services.draft_store import origin_of
from crm_app.services.drafts import Draft
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.builder.builder_data import View, scene_of
from crm_app.ui.builder.builder_state import Builder, Step
from crm_app.ui.builder.fields_data import retyping_of
from crm_app.ui.shell_state import focus


class FieldsTab(rx.State):
    @rx.event
    async def choose(self, name: str) -> None:
        builder = await self.get_state(Builder)
        builder._choose("edit", str(name))
        await builder._look()

    @rx.event
    async def open_palette(self) -> Any:
        builder = await self.get_state(Builder)
        builder._choose("palette", "")
        await builder._look()
        return focus(f"type-{builder.types[0]['name']}") if builder.types else None

    @rx.event
    async def choose_type(self, name: str) -> None:
        builder = await self.get_state(Builder)
        builder._choose("new", str(name))
        await builder._look()

    @rx.event
    async def sum_over(self, relation: str) -> None:
        """Of a rollup that is not kept yet: its fields are those of these related records."""
        builder = await self.get_state(Builder)
        if builder._mode in ("new", "retype"):
            builder._over = str(relation)
            await builder._look()

    @rx.event
    async def close(self) -> Any:
        builder = await self.get_state(Builder)
        chosen = builder.chosen
        builder._choose("", "")
        await builder._look()
        return focus(f"thing-{chosen.partition('/')[0]}")

    @rx.event
    async def create(self, form: dict[str, Any]) -> Any:
        builder = await self.get_state(Builder)
        view, name = builder._view(), str(form.get("name", "")).strip()
        if said := await builder._step(_adding(view.name, view.chosen, name, dict(form))):
            return said
        if builder.errors:
            return focus(f"new-field-{next(iter(builder.errors))}")
        builder._choose("edit", name)
        await builder._look()
        return focus(f"thing-{name}")

    @rx.event
    async def save(self, form: dict[str, Any], about: str = "") -> Any:
        """Every change of the panel arrives here at once. What is wrong is told at its input and nothing is kept.
        `about` is the field that the panel was of: another may have been chosen since.
        """
        builder = await self.get_state(Builder)
        view, given = builder._view(), dict(form)
        name = str(about) or view.chosen

        def changed(body: Body) -> Body:
            kept = next((each for each in edits.fields_of(body) if each["name"] == name), None)
            if kept is None:
                return body
            unshown = {key: value for key, value in kept.items() if key != "config"}
            return edits.change_field(body, name, _read(kept["type"], name, given, unshown))

        return await builder._step(_editing(view.name, f"Change {form.get('label') or name}", changed))

    @rx.event
    async def move(self, name: str, group: str, index: int) -> Any:
        del group
        builder = await self.get_state(Builder)
        edit = partial(edits.move_field, name=str(name), to=index if isinstance(index, int) else 0)
        return await builder._step(_editing(builder._view().name, f"Move {name}", edit))

    @rx.event
    async def remove(self) -> Any:
        """Takes the chosen field away."""
        builder = await self.get_state(Builder)
        view = builder._view()
        if said := await builder._step(_removing(view.name, view.chosen)):
            return said
        builder._choose("", "")
        await builder._look()
        return focus("add-field")

    @rx.event
    async def open_retyping(self, form: dict[str, Any]) -> Any:
        """Shows the settings of the chosen field's new type; nothing is kept yet."""
        builder = await self.get_state(Builder)
        builder._choose("retype", f"{builder.chosen}/{form.get('type', '')}")
        await builder._look()
        return focus("retype-field")

    @rx.event
    async def retype(self, form: dict[str, Any]) -> Any:
        builder = await self.get_state(Builder)
        view, given = builder._view(), dict(form)
        if said := await builder._step(_retyping(view, given)):
            return said
        if builder.errors:
            return None
        name = view.chosen.partition("/")[0]
        builder._choose("edit", name)
        await builder._look()
        return focus(f"thing-{name}")

    @rx.event
    async def keep_type(self) -> Any:
        """Back to the field as it is."""
        builder = await self.get_state(Builder)
        name = builder.chosen.partition("/")[0]
        builder._choose("edit", name)
        await builder._look()
        return focus(f"thing-{name}")

    @rx.event
    async def rename(self, form: dict[str, Any]) -> Any:
        """All that names the field follows, in the same draft."""
        builder = await self.get_state(Builder)
        view, name = builder._view(), str(form.get("name", "")).strip()
        if name == view.chosen:
            return None
        path = f"objects/{view.name}/fields/{view.chosen}"
        if said := await builder._step(lambda work: rename_field(work, path, name, rules_of)):
            return said
        if builder.errors:
            return focus("rename-field")
        builder._choose("edit", name)
        await builder._look()
        return focus(f"thing-{name}")

    @rx.event
    async def restore(self, name: str) -> Any:
        builder = await self.get_state(Builder)
        edit = partial(edits.restore_field, name=str(name))
        return await builder._step(_editing(builder._view().name, f"Restore {name}", edit))


def _editing(name: str, label: str, edit: Edit) -> Step:
    return lambda work: drafts.edit_draft(work, label, {f"objects/{name}": edit})


def _read(type_name: str, name: str, form: dict[str, Any], kept: Body) -> Body:
    body, problems = field_from(FIELD_TYPES.get(type_name), name, form, kept)
    if problems:
        raise Invalid("The field was not kept.", problems)
    return body


def _adding(name: str, type_name: str, field: str, form: dict[str, Any]) -> Step:
    def added(body: Body) -> Body:
        if any(each["name"] == field for each in edits.fields_of(body)):
            raise Invalid("The field was not added.", [Problem("name", f"There is a field '{field}' already.")])
        return edits.add_field(body, _read(type_name, field, form, {}))

    return _editing(name, f"Add {form.get('label', field)}", added)


def _retyping(view: View, form: dict[str, Any]) -> Step:
    def retyped(work: UnitOfWork) -> Draft:
        found = retyping_of(scene_of(work, drafts.read_draft(work), view.name), view.chosen)
        if found is None:
            raise Invalid("This field can't have that type. Choose another.")
        field, kind = found

        def changed(body: Body) -> Body:
            kept = next(each for each in edits.fields_of(body) if each["name"] == field.name)
            unshown = {key: value for key, value in as_type(kind, kept).items() if key not in ("config", "default")}
            return edits.change_field(
                body, field.name, _read(kind.name, field.name, {"label": field.label, **form}, unshown)
            )

        return _editing(view.name, f"Make {field.name} {kind.label}", changed)(work)

    return retyped


def _removing(name: str, field: str) -> Step:
    """A field that was published is archived with what records hold in it; one that never was just goes."""

    def removed(work: UnitOfWork) -> Draft:
        body = drafts.body_of(work, drafts.read_draft(work), f"objects/{name}")
        own = next((each for each in edits.fields_of(body) if each["name"] == field), {})
        stored = origin_of(work, f"objects/{name}", body) or {"fields": []}
        is_stored = any(each["name"] == field or _place(each) == own.get("column") for each in edits.fields_of(stored))
        word, edit = ("Archive", edits.archive_field) if is_stored else ("Remove", edits.remove_field)
        return _editing(name, f"{word} {field}", partial(edit, name=field))(work)

    return removed


def _place(field: Body) -> str:
    return field.get("column") or field["name"]
