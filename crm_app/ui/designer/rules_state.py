import reflex as rx

from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.designer.designer_state import Designer
from crm_app.ui.designer.step_desk import step_desk
from crm_app.ui.rules.desk import Desk
from crm_app.ui.rules.questions import Desks, RuleQuestions


class StepRules(RuleQuestions, rx.State):
    """Of all rules in the panel of the step that is chosen."""

    async def _desks(self) -> Desks:
        designer = await self.get_state(Designer)
        name, chosen = designer._looking().name, designer.chosen

        def desk(work: UnitOfWork, place: str) -> Desk:
            return step_desk(work, name, chosen, place)

        return desk
