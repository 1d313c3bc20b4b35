from collections.abc import Collection
from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services import drafts
from crm_app.ui.builder.builder_data import MORE_CHECKS
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.clashes import keep_name
from crm_app.ui.door import enter
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import complaint, notice


class PublishTab(rx.State):
    @rx.event
    async def publish(self) -> Any:
        """The service plans, checks and compares again: what the page showed may be old. A plan that hides something is
        refused here.
        """
        return await _publish(self, await self.get_state(Builder), agreed=(), set_empty=False)

    @rx.event
    async def confirm(self, form: dict[str, Any]) -> Any:
        """Agrees to what the dialog named, and to nothing that has come since."""
        builder = await self.get_state(Builder)
        agreed = [f"{line['kind']} {line['path']}" for line in builder.publish["hidden"]]
        set_empty = isinstance(form, dict) and bool(form.get("set_empty"))
        return await _publish(self, builder, agreed=agreed, set_empty=set_empty)

    @rx.event
    async def rebase(self, form: dict[str, Any]) -> Any:
        """Theirs and mine together; where both changed the same, what was chosen. What has come since the page showed
        them was not: theirs stands there and is told.
        """
        builder = await self.get_state(Builder)
        sides = {each["field"]: form.get(keep_name(each["field"])) for each in builder.publish["clashes"]}
        mine = [place for place, side in sides.items() if side == "yours"]
        clashes, said = await attempt(self, lambda work: drafts.rebase_draft(work, mine))
        await builder._visit()
        if said or clashes is None:
            return said
        kept = "; ".join(str(clash) for clash in clashes if sides.get(clash.path) not in ("yours", "theirs"))
        return complaint(f"Theirs was kept at: {kept}") if kept else notice("Your draft holds both now.")


async def _publish(state: rx.State, builder: Builder, *, agreed: Collection[str], set_empty: bool) -> Any:
    try:
        changes = await enter(
            state, lambda work: drafts.publish_draft(work, MORE_CHECKS, agreed=agreed, set_empty=set_empty)
        )
    except Unauthenticated:
        raise
    except TrellisError as refusal:
        await builder._look()
        return complaint(refusal.message)
    await builder._visit()
    return notice(f"Published: {len(changes)} {'change' if len(changes) == 1 else 'changes'}.")
