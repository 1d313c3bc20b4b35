"""The dialog in which a move asks for what is missing. It is part of the form's state, whose inputs it shows."""

from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services.duplicates import DuplicatesFound
from crm_app.ui.door import enter
from crm_app.ui.records.duplicate_data import leave_for, seen_in
from crm_app.ui.records.form_data import FormField
from crm_app.ui.records.form_state import RecordForm
from crm_app.ui.records.move_data import Wish, moved, question
from crm_app.ui.refusals import refused, sentence
from crm_app.ui.shell_state import focus

_STALE = "stale_version"


class MoveDialog(RecordForm):
    is_open: bool = False
    title: str = ""
    submit_label: str = ""
    said: str = ""
    asked: rx.Field[list[FormField]] = rx.field(default_factory=list)

    _wish: Wish | None = None

    @rx.event
    def cancel(self) -> None:
        self._close()

    def _close(self) -> None:
        self.is_open, self.asked, self.errors, self._wish, self._seen = False, [], {}, None, []

    async def _ask(self, wish: Wish, refusal: TrellisError) -> bool:
        """Opens where fields that this person can fill in are all that stands in the way."""
        is_askable = bool(refusal.details.get("needs") or refusal.details.get("turns"))
        found = await enter(self, lambda work: question(work, wish, refusal)) if is_askable else None
        if found is None:
            return False
        self._wish, self.errors = wish, {}
        self.title, self.submit_label, self.said, self.asked = found.title, found.submit_label, found.said, found.fields
        self.is_open = True
        return True

    async def _finish(self, form: dict[str, Any]) -> tuple[str, Any]:
        """What was done, or nothing and the event that says why not."""
        wish, passes = self._wish, leave_for(list(self._seen))
        if wish is None:
            return "", None
        try:
            said = await enter(self, lambda work: moved(work, wish, dict(form), passes))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            return "", self._refuse_move(refusal)
        self._close()
        return said, None

    def _refuse_move(self, refusal: TrellisError) -> Any:
        known = [field["name"] for field in self.asked]
        self.errors = {problem.path: problem.sentence for problem in refusal.problems if problem.path in known}
        if refusal.code == _STALE:
            self._close()
        if isinstance(refusal, DuplicatesFound):
            self.errors, self._seen = {}, seen_in(refusal)
            self.submit_label = "Move anyway" if self._seen else self.submit_label
        if not self.errors and self.is_open:
            self.said = sentence(refusal)
            return focus(f"field-{known[0]}")
        if not self.errors:
            return refused(refusal)
        return focus(f"field-{next(name for name in known if name in self.errors)}")
