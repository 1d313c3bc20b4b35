"""Questions that a run asks people, without a run that is alive."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.automation_runs import NewRun, insert_runs
from crm_app.services.automation_waits import NewWait, WaitKey, open_wait
from crm_app.services.inbox import ask_people
from crm_app.services.unit_of_work import UnitOfWork


def ask(work: UnitOfWork, users: Sequence[UUID], ref: RecordRef, title: str, **asks: Any) -> WaitKey:
    event = new_id()
    insert_runs(work, [NewRun(event, "renewals", event.hex, ref, users[0], 0, {})])
    found = work.connection.exec_driver_sql("SELECT id FROM crm.run WHERE event = %(event)s", {"event": event})
    key = WaitKey(found.scalar_one(), "ok")
    said = {"kind": "approval", "title": title, "label": "Renewals", "message": "", "shows": [], "need": "any", **asks}
    open_wait(work, NewWait(key, "people", "run/none", asks=said))
    ask_people(work, key, users)
    return key
