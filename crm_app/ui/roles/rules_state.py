"""The rules of a role's page: each is about the object that is open, and may name all that is defined."""

from functools import partial

import reflex as rx

from crm_app.fields.rule_type import BOOL
from crm_app.kernel.errors import NotFound
from crm_app.services.draft_store import require_administrator
from crm_app.services.rule_trials import record_name
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.rules.desk import Desk
from crm_app.ui.rules.questions import Desks, RuleQuestions


def _desk(work: UnitOfWork, place: str) -> Desk:
    """`place` is an object and the number of its rule: `deal/0`."""
    require_administrator(work)
    name = place.partition("/")[0]
    definition = next((each for each in work.catalog.objects if each.name == name), None)
    if definition is None:
        raise NotFound("There is no such object to write a rule about.")
    tables = {each.name: each.label for each in work.catalog.decisions if each.object == name}
    return Desk(definition, BOOL, work.schema.rules, partial(record_name, work), tables)


class RoleRules(RuleQuestions, rx.State):
    async def _desks(self) -> Desks:
        return _desk
