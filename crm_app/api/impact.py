"""What depends on an object or a field, for administrators."""

from crm_app.api.call import Answer, Call
from crm_app.api.parameters import read_parameters
from crm_app.automation.rules import rules_of
from crm_app.services.impact import impact
from crm_app.services.unit_of_work import UnitOfWork


def read_object(work: UnitOfWork, call: Call) -> Answer:
    return _answer(work, call, "")


def read_field(work: UnitOfWork, call: Call) -> Answer:
    return _answer(work, call, call.path["field"])


def _answer(work: UnitOfWork, call: Call, field: str) -> Answer:
    read_parameters(call.query, frozenset())
    uses = impact(work, (call.object, field), rules_of)
    return Answer(
        {
            "uses": [
                {"path": use.path, "label": use.label, "rule": use.rule or None, "through": use.through} for use in uses
            ]
        }
    )
