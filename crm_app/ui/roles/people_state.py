"""Who has the role. Nobody gets or loses it before it was told what that means for them."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from crm_app.kernel.ids import parse_id
from crm_app.services.role_people import give_role, others, take_role
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import role_at
from crm_app.ui.refusals import attempt
from crm_app.ui.roles.role_data import Person, given_words, people_data
from crm_app.ui.rules.rows import RuleChoice
from crm_app.ui.shell_state import complaint

_MOST_FOUND = 8
_MAX_WORDS = 100


class RolePeople(rx.State):
    """`chosen` is somebody who may get the role, and `weighed` what it would mean for whom the question is about."""

    people: rx.Field[list[Person]] = rx.field(default_factory=list)
    found: rx.Field[list[RuleChoice]] = rx.field(default_factory=list)
    chosen: str = ""
    weighed: str = ""
    turn: int = 0

    @rx.event
    async def find(self, text: str) -> Any:
        role, words = role_at(self.router.url.path), str(text)[:_MAX_WORDS]
        found, said = await attempt(self, lambda work: others(work, role, words, _MOST_FOUND))
        self.found = [RuleChoice(value=str(each.id), label=f"{each.name} · {each.email}") for each in found or ()]
        return said

    @rx.event
    async def choose(self, form: dict[str, Any]) -> Any:
        self.chosen, self.weighed = str(form.get("person", "")), ""
        return await self._weigh(self.chosen, is_given=True) if self.chosen else complaint("Choose somebody first.")

    @rx.event
    async def ask_taking(self, person: str) -> Any:
        self.weighed = ""
        return await self._weigh(str(person), is_given=False)

    @rx.event
    async def give(self) -> Any:
        return await self._change(give_role, self.chosen)

    @rx.event
    async def take(self, person: str) -> Any:
        return await self._change(take_role, str(person))

    async def _weigh(self, person: str, *, is_given: bool) -> Any:
        role, identifier = role_at(self.router.url.path), parse_id(person)
        if identifier is None:
            return None
        words, said = await attempt(self, lambda work: given_words(work, role, identifier, is_given=is_given))
        self.weighed = words or ""
        return said

    async def _change(self, change: Callable[[UnitOfWork, str, Any], None], person: str) -> Any:
        role, identifier = role_at(self.router.url.path), parse_id(person)
        if identifier is None:
            return None

        def changed(work: UnitOfWork) -> list[Person]:
            change(work, role, identifier)
            return people_data(work, role)

        found, said = await attempt(self, changed)
        if found is not None:
            self._begin(found)
        return said

    def _begin(self, people: list[Person]) -> None:
        self.people, self.found, self.chosen, self.weighed = people, [], "", ""
        self.turn += 1
