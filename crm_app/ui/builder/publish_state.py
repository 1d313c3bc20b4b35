from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services import drafts
from crm_app.ui.builder.builder_data import MORE_CHECKS
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.door import enter
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import complaint, notice


class PublishTab(rx.State):
    @rx.event
    async def publish(self) -> Any:
        """The service plans, checks and compares again: what the page showed may be old."""
        builder = await self.get_state(Builder)
        try:
            changes = await enter(self, lambda work: drafts.publish_draft(work, MORE_CHECKS))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            await builder._look()
            return complaint(refusal.message)
        await builder._visit()
        return notice(f"Published: {len(changes)} {'change' if len(changes) == 1 else 'changes'}.")

    @rx.event
    async def rebase(self) -> Any:
        """Theirs and mine together; where both changed the same, theirs stands and is told."""
        builder = await self.get_state(Builder)
        clashes, said = await attempt(self, drafts.rebase_draft)
        await builder._visit()
        if said or clashes is None:
            return said
        kept = "; ".join(str(clash) for clash in clashes)
        return complaint(f"Theirs was kept at: {kept}") if clashes else notice("Your draft holds both now.")
