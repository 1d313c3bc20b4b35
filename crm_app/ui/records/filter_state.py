from typing import Any

import reflex as rx

from crm_app.services.record_query import Condition
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import board_path, is_board, list_path, path_parts
from crm_app.ui.door import enter
from crm_app.ui.records.filter_data import NO_DRAFT, Choice, FilterDraft, draft_of
from crm_app.ui.records.filter_rules import filter_desk
from crm_app.ui.records.list_address import parse_address
from crm_app.ui.records.list_data import readable_by_name
from crm_app.ui.records.operators import WITHOUT_VALUE
from crm_app.ui.records.suggestions import Suggestion, suggestions
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import complaint


class FilterMenu(rx.State):
    """The filter being put together, on a list or a board. Its result is an address, which the page then shows.

    `turn` makes the form new once a filter was added.
    """

    offered: rx.Field[list[Choice]] = rx.field(default_factory=list)
    draft: FilterDraft = NO_DRAFT
    suggestions: rx.Field[list[Suggestion]] = rx.field(default_factory=list)
    turn: int = 0
    rule: str = ""

    _object: str = ""

    @rx.event
    async def choose_field(self, field: str) -> None:
        self._object = name = self._name()
        self.draft = await enter(self, lambda work: draft_of(work, name, str(field)))

    @rx.event
    async def suggest(self, text: str) -> None:
        name, field = self._name(), self.draft["field"]
        self.suggestions = await enter(
            self, lambda work: suggestions(work, readable_by_name(work, name).get(field), str(text))
        )

    @rx.event
    def add(self, form: dict[str, Any]) -> Any:
        operator = str(form.get("operator", ""))
        value = "" if operator in WITHOUT_VALUE else str(form.get("value", "")).strip()
        if not self.draft["field"] or not operator or (not value and operator not in WITHOUT_VALUE):
            return complaint("Choose a field, a comparison and a value.")
        url = self.router.url
        added = parse_address(url.query).with_condition(Condition(self.draft["field"], operator, value or None))
        path = board_path if is_board(url.path) else list_path
        self._start_anew()
        return rx.redirect(path(self._name()) + added.query())

    @rx.event
    async def filter_by(self, rule: str) -> Any:
        """An empty rule takes the filter away."""
        name, url = self._name(), self.router.url
        wanted = parse_address(url.query).with_rule(str(rule))

        def checked(work: UnitOfWork) -> str:
            return wanted.rule and filter_desk(work, name).checked(wanted.rule).text

        found, refusal = await attempt(self, checked)
        if found is None:
            return refusal
        path = board_path if is_board(url.path) else list_path
        return rx.redirect(path(name) + wanted.query())

    def _offer(self, fields: list[Choice]) -> None:
        """For the page that opens: what can be filtered there."""
        if self._object != self._name():
            self._object = self._name()
            self._start_anew()
        if self.offered != fields:
            self.offered = fields
        self.rule = parse_address(self.router.url.query).rule

    def _start_anew(self) -> None:
        self.draft, self.suggestions, self.turn = NO_DRAFT, [], self.turn + 1

    def _name(self) -> str:
        parts = path_parts(self.router.url.path)
        return parts[1] if len(parts) > 1 else ""


async def offer_filters(state: rx.State, fields: list[Choice]) -> None:
    menu = await state.get_state(FilterMenu)
    menu._offer(fields)  # noqa: SLF001 - not for browsers to call
