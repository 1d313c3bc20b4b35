"""The page of one role. A change goes into the administrator's draft at once; the difference follows it."""

from functools import partial
from typing import Any

import reflex as rx

from crm_app.definitions import role_edits
from crm_app.definitions.edits import Edit
from crm_app.definitions.role import ACTIONS, RULE
from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services import drafts, roles
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import ROLES, here, role_at
from crm_app.ui.builder.builder_data import MORE_CHECKS
from crm_app.ui.door import enter
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.roles.difference_data import NO_DIFFERENCE, DifferenceData
from crm_app.ui.roles.matrix_data import MatrixLine
from crm_app.ui.roles.people_state import RolePeople
from crm_app.ui.roles.role_data import (
    NO_HEAD,
    NO_PANEL,
    ObjectPanel,
    RoleData,
    RoleHead,
    change_data,
    head_data,
    panel_data,
    role_data,
)
from crm_app.ui.shell_state import complaint, notice, set_title, visit


class RolePage(rx.State):
    """`difference` is what the draft of this role means; `panel` is the object that is open in full."""

    shown_at: str = ""
    head: RoleHead = NO_HEAD
    lines: rx.Field[list[MatrixLine]] = rx.field(default_factory=list)
    difference: DifferenceData = NO_DIFFERENCE
    is_weighing: bool = False
    panel: ObjectPanel = NO_PANEL

    _turn: int = 0

    @rx.event
    async def open(self) -> Any:
        name, turn = self._name(), self._next()
        data = await visit(self, lambda work: role_data(work, name, turn))
        if data is None:
            return None
        self._show(data)
        self.panel, self.difference = NO_PANEL, NO_DIFFERENCE
        (await self.get_state(RolePeople))._begin(data.people)  # noqa: SLF001 - the page's other state
        self.shown_at = here(self.router.url)
        await set_title(self, f"{data.head['label']} · Roles")
        return _weigh if data.head["can_save"] else None

    @rx.event
    async def set_cell(self, name: str, action: str, scope: str) -> Any:
        """The matrix shows the choice already; only a refusal sends it again."""
        edit = partial(role_edits.set_cell, name=str(name), action=str(action), scope=str(scope))
        said = await self._edit(f"{action} {name}", edit)
        if said is not None:
            await self._read_again()
        return said or _weigh

    @rx.event
    async def set_level(self, name: str, field: str, level: str) -> Any:
        edit = partial(role_edits.set_level, name=str(name), field=str(field), level=str(level))
        return await self._edit(f"level of {name}.{field}", edit) or _weigh

    @rx.event
    async def save_condition(self, form: dict[str, Any]) -> Any:
        """A grant by a rule or a restriction, by its number; without actions it goes."""
        name, at = str(form.get("object", "")), str(form.get("at", ""))
        chosen = [action for action in ACTIONS if form.get(f"actions::{action}")]
        scope, rule = str(form.get("scope", "rule")), str(form.get("rule", "")).strip()
        condition: dict[str, Any] = {"actions": chosen, "scope": f"{RULE}{rule}" if scope == "rule" else scope}
        if str(form.get("effect")) == "restrict":
            condition["effect"] = "restrict"
        if scope == "rule" and not rule:
            return complaint("Write the rule that says which records.")
        if scope != "rule" and "effect" not in condition:
            return complaint("A grant without a rule is chosen in the matrix.")
        if not chosen:
            return complaint("Tick what it is about.")
        return await self._set_condition(name, int(at) if at.isdecimal() else -1, condition)

    @rx.event
    async def remove_condition(self, name: str, at: int) -> Any:
        return await self._set_condition(str(name), at if isinstance(at, int) else -1, {})

    @rx.event
    async def open_object(self, name: str) -> Any:
        role = self._name()
        panel, said = await attempt(self, lambda work: panel_data(work, role, str(name)))
        if panel is not None:
            self.panel = panel
        return said

    @rx.event
    async def close_object(self) -> None:
        self.panel = NO_PANEL
        await self._read_again()

    @rx.event
    async def save_head(self, form: dict[str, Any]) -> Any:
        """Label, description, what it inherits, and whether it administers; sent by itself whenever one changes."""
        label, description = str(form.get("label", "")), " ".join(str(form.get("description", "")).split())
        parents = [each["value"] for each in self.head["parents"] if form.get(f"inherits::{each['value']}")]
        scope = "all" if form.get("administer") else ""

        def edit(body: dict[str, Any]) -> dict[str, Any]:
            body = role_edits.set_texts(body, label, description)
            body = role_edits.set_inherits(body, parents) if body.get("kind", "role") == "role" else body
            return role_edits.set_cell(body, "*", "administer", scope)

        said = await self._edit("name and inheritance", edit)
        await self._read_again()
        return said or _weigh

    @rx.event
    async def weigh(self) -> Any:
        """What the draft means now. It comes after the change itself, so that nobody waits for it to go on."""
        name = self._name()
        found, said = await attempt(self, lambda work: change_data(work, name))
        self.difference, self.is_weighing = found or NO_DIFFERENCE, False
        return said

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        name, reason = self._name(), str(form.get("reason", ""))
        try:
            await enter(self, lambda work: roles.save_role(work, name, reason, MORE_CHECKS))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            await self._read_again()
            return complaint(sentence(refusal))
        self.difference = NO_DIFFERENCE
        await self._read_again()
        return notice("Saved. It holds from everybody's next request on.")

    @rx.event
    async def discard(self) -> Any:
        name, is_new = self._name(), self.head["state"] == "New"
        _, said = await attempt(self, lambda work: roles.discard_role(work, name))
        if is_new and not said:
            return rx.redirect(ROLES)
        self.difference = NO_DIFFERENCE
        await self._read_again()
        return said

    @rx.event
    async def bring_in(self) -> Any:
        """What somebody else published meanwhile; where both changed the same, theirs is kept and told."""
        clashes, said = await attempt(self, drafts.rebase_draft)
        await self._read_again()
        if said or not clashes:
            return said or [notice("Your changes stand on theirs now."), _weigh]
        return [complaint(f"Theirs was kept at: {'; '.join(str(clash) for clash in clashes)}"), _weigh]

    async def _set_condition(self, name: str, at: int, condition: dict[str, Any]) -> Any:
        edit = partial(role_edits.set_condition, name=name, at=at, condition=condition)
        said = await self._edit(f"rules of {name}", edit)
        if said is not None:
            return said
        role = self._name()
        panel, again = await attempt(self, lambda work: panel_data(work, role, name))
        self.panel = panel or NO_PANEL
        return again or _weigh

    async def _edit(self, label: str, edit: Edit) -> Any:
        name, turn = self._name(), self._turn

        def edited(work: UnitOfWork) -> RoleHead:
            roles.edit_role(work, name, f"Role {name}: {label}"[:200], edit)
            return head_data(work, name, turn)

        head, said = await attempt(self, edited)
        if head is not None:
            self.head, self.is_weighing = head, True
        return said

    async def _read_again(self) -> None:
        name, turn = self._name(), self._next()
        data, _ = await attempt(self, lambda work: role_data(work, name, turn))
        if data is not None:
            self._show(data)

    def _show(self, data: RoleData) -> None:
        self.head, self.lines = data.head, data.lines

    def _next(self) -> int:
        self._turn += 1
        return self._turn

    def _name(self) -> str:
        return role_at(self.router.url.path)


_weigh: Any = RolePage.weigh
