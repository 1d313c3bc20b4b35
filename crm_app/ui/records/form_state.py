from collections.abc import Callable
from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services import records
from crm_app.services.duplicates import DuplicatesFound
from crm_app.services.record_query import Record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import here, path_parts, record_path
from crm_app.ui.clashes import Clash
from crm_app.ui.door import enter
from crm_app.ui.records.conflict import clashes, merged
from crm_app.ui.records.duplicate_data import Alike, alikes, leave_for, seen_in
from crm_app.ui.records.form_layout import (
    NO_STATES,
    FormData,
    FormHead,
    FormStates,
    FormTab,
    edit_form,
    new_form,
    saved_values,
    typed_states,
)
from crm_app.ui.records.list_data import readable_by_name
from crm_app.ui.records.record_data import ref_of, require_ref
from crm_app.ui.records.suggestions import Suggestion, suggestions
from crm_app.ui.refusals import attempt, refused
from crm_app.ui.shell_state import complaint, focus, notice, set_title, visit

NO_FORM = FormHead(key="", title="", icon="box", back_href="", back_label="", submit_label="")
_STALE = "stale_version"


class RecordForm(rx.State):
    """Inputs are uncontrolled: values go down once and come back with the submit. Creating and editing share it.
    `is_typed` says that the states follow from what somebody typed, so that a form shown afresh asks again.
    """

    shown_at: str = ""
    head: FormHead = NO_FORM
    tabs: rx.Field[list[FormTab]] = rx.field(default_factory=list)
    states: FormStates = NO_STATES
    is_typed: bool = False
    watched: rx.Field[list[str]] = rx.field(default_factory=list)
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    clashes: rx.Field[list[Clash]] = rx.field(default_factory=list)
    alikes: rx.Field[list[Alike]] = rx.field(default_factory=list)
    may_insist: bool = False
    suggestions: rx.Field[list[Suggestion]] = rx.field(default_factory=list)
    suggestions_for: str = ""

    _version: int = 0
    _layout: str = ""
    _draft: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    _differing: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    _seen: rx.Field[list[str]] = rx.field(default_factory=list)

    @rx.event
    async def open_new(self) -> None:
        parts, given = self._parts(), dict(self.router.url.query_parameters)
        await self._open(lambda work: new_form(work, parts[1], given))

    @rx.event
    async def open_edit(self) -> None:
        parts = self._parts()
        await self._open(lambda work: edit_form(work, require_ref(parts)))

    @rx.event
    async def suggest(self, field: str, text: str) -> None:
        name = self._parts()[1]

        def found(work: UnitOfWork) -> list[Suggestion]:
            return suggestions(work, readable_by_name(work, name).get(str(field)), str(text))

        self.suggestions = await enter(self, found)
        self.suggestions_for = str(field)

    @rx.event
    async def reconsider(self, form: dict[str, Any]) -> None:
        """Somebody changed a field on which others depend. `form` is what all inputs hold, hidden ones too."""
        parts, layout = self._parts(), self._layout

        def states(work: UnitOfWork) -> FormStates:
            ref = ref_of(parts[1], parts[2]) if len(parts) > 2 else None  # noqa: PLR2004 - /o/object/record/edit
            return typed_states(work, parts[1], layout, dict(form), ref)

        found, _ = await attempt(self, states)
        if found is not None:
            self.states, self.is_typed = found, True

    @rx.event
    async def create(self, form: dict[str, Any]) -> Any:
        name, layout, passes = self._parts()[1], self._layout, leave_for(list(self._seen))

        def created(work: UnitOfWork) -> Record:
            return records.create_record(work, name, saved_values(work, name, layout, form, None), passes)

        return await self._save(created, "created")

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        self._draft, self._differing = dict(form), {}
        return await self._update({})

    @rx.event
    async def resolve(self, keep: dict[str, Any]) -> Any:
        """After a conflict: saves over the version that was shown, with the side chosen for each field."""
        return await self._update(keep)

    async def _update(self, keep: dict[str, Any]) -> Any:
        parts, form, differing, version = self._parts(), self._draft, self._differing, self._version
        layout, passes = self._layout, leave_for(list(self._seen))

        def updated(work: UnitOfWork) -> Record:
            ref = require_ref(parts)
            raw = merged(saved_values(work, ref.object, layout, form, ref), differing, keep)
            return records.update_record(work, ref, raw, version, passes)

        return await self._save(updated, "saved")

    async def _save(self, service: Callable[[UnitOfWork], Record], done: str) -> Any:
        try:
            record = await enter(self, service)
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            return await self._refused(refusal)
        self._forget()
        to = record_path(record.ref.object, record.ref.id)
        return [rx.redirect(to), notice(f"{record.name} {done}.")]

    async def _refused(self, refusal: TrellisError) -> Any:
        if refusal.code == _STALE:
            return await self._stale(refusal)
        if isinstance(refusal, DuplicatesFound):
            return self._show_alikes(refusal)
        names = self._names()
        self._show_alikes(None)
        self.errors = {problem.path: problem.sentence for problem in refusal.problems if problem.path in names}
        if not self.errors:
            return refused(refusal)
        others = " ".join(problem.sentence for problem in refusal.problems if problem.path not in names)
        first = next(name for name in names if name in self.errors)
        return [focus(f"field-{first}"), complaint(others or refusal.message)]

    def _show_alikes(self, refusal: DuplicatesFound | None) -> Any:
        self.alikes, self._seen = (alikes(refusal), seen_in(refusal)) if refusal else ([], [])
        self.errors, self.may_insist = {}, bool(self._seen)
        return focus("alikes")

    def _forget(self) -> None:
        self._show_alikes(None)
        self.clashes, self._draft, self._differing = [], {}, {}

    async def _stale(self, refusal: TrellisError) -> Any:
        """Asks where both changed the same field; otherwise both changes fit together and are saved so."""
        name, again = self._parts()[1], bool(self._differing)
        self._differing, self._version = dict(refusal.details["fields"]), int(refusal.details["version"])
        differing = self._differing
        self.clashes = await enter(self, lambda work: clashes(work, name, differing))
        if not self.clashes and not again:
            return await self._update({})
        return focus("conflict")

    async def _open(self, build: Callable[[UnitOfWork], FormData]) -> None:
        data = await visit(self, build)
        if data is None:
            return
        if self.head["key"] != data.head["key"]:
            self._forget()
            self.is_typed = False
        if not self.is_typed:
            self.states = data.states
        self.head, self.tabs, self.watched = data.head, data.tabs, data.watched
        self._version, self._layout = data.version, data.layout
        self.shown_at = here(self.router.url)
        await set_title(self, data.head["title"])

    def _names(self) -> list[str]:
        """The fields that can be seen now, in the form's order."""
        shut = {*self.states["hidden"]}
        return [
            field["name"]
            for tab in self.tabs
            for section in tab["sections"]
            if section["key"] not in self.states["hidden_sections"]
            for field in section["fields"]
            if field["name"] not in shut
        ]

    def _parts(self) -> list[str]:
        parts = path_parts(self.router.url.path)
        return parts if len(parts) > 1 else ["", ""]
