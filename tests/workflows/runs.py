"""Runs as Temporal would get them."""

from datetime import timedelta
from typing import Any

from crm_app.automation.messages import RunInput
from crm_app.automation.relay import Relay
from crm_app.automation.starting import Versions
from crm_app.services.automation_starts import claim_pending
from tests.workflows.builders import Automated

LEASE = timedelta(seconds=10)


def won_run(crm: Automated, **values: Any) -> RunInput:
    """The run that a deal's victory started."""
    deal = crm.create("deal", crm.rep, name="Acme", stage="engaging", **values)
    crm.update(deal.ref, {"stage": "won"}, crm.rep)
    return next_run(crm)


def next_run(crm: Automated) -> RunInput:
    """The one run that what was done before has started."""
    Relay(crm.workspace, lambda: None).drain()
    with crm.work() as work:
        (run,) = claim_pending(work, 10, LEASE).runs
    return Versions(crm.workspace).run_input(run)
