"""The rule that a list is filtered by: what may be named in it is what its author may read."""

from functools import partial

import reflex as rx

from crm_app.fields.rule_type import BOOL
from crm_app.services.rule_trials import record_name
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import path_parts
from crm_app.ui.rules.desk import Desk
from crm_app.ui.rules.questions import Desks, RuleQuestions


def filter_desk(work: UnitOfWork, name: str) -> Desk:
    definition = work.definition(name)
    tables = {each.name: each.label for each in work.catalog.decisions if each.object == name}
    return Desk(definition, BOOL, work, partial(record_name, work), tables)


class FilterRules(RuleQuestions, rx.State):
    """Of the list or board that is open."""

    async def _desks(self) -> Desks:
        parts = path_parts(self.router.url.path)
        name = parts[1] if len(parts) > 1 else ""

        def desk(work: UnitOfWork, _place: str) -> Desk:
            return filter_desk(work, name)

        return desk
