import reflex as rx

from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.rule_desk import rule_desk
from crm_app.ui.rules.desk import Desk
from crm_app.ui.rules.questions import Desks, RuleQuestions


class RuleDesk(RuleQuestions, rx.State):
    """Of all rules in the builder."""

    async def _desks(self) -> Desks:
        view = (await self.get_state(Builder))._view()

        def desk(work: UnitOfWork, place: str) -> Desk:
            return rule_desk(work, view, place)

        return desk
