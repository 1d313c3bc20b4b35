"""Facts that runs wait for: which of the waiting ones a batch of facts answers."""

import logging
from collections.abc import Sequence

import orjson

from crm_app.automation.change import Change
from crm_app.kernel.errors import TrellisError
from crm_app.rules.inputs import Inputs
from crm_app.rules.python import compile_rule
from crm_app.rules.tree_json import from_json
from crm_app.services.automation_inputs import RuleReader
from crm_app.services.automation_waits import Listener, answer_wait, listeners, stir
from crm_app.services.unit_of_work import UnitOfWork

logger = logging.getLogger(__name__)


def answer_waits(work: UnitOfWork, changes: Sequence[Change], reader: RuleReader) -> bool:
    """The first fact that a wait matches is its answer. Waits for a moment of a changed record look again. Whether any
    run is to go on.
    """
    if not changes:
        return False
    objects, records = {c.event.ref.object for c in changes}, {c.event.ref.id for c in changes}
    goes_on = stir(work, records)
    for listener in listeners(work, objects, records):
        found = next((change for change in changes if _is_meant(listener, change, reader)), None)
        if found is not None:
            answer = {"record": str(found.event.ref.id), "event": found.event.name}
            goes_on = answer_wait(work, listener.key, orjson.dumps(answer).decode()) or goes_on
    return goes_on


def _is_meant(listener: Listener, change: Change, reader: RuleReader) -> bool:
    event = change.event
    if event.ref.object != listener.object or listener.record not in (None, event.ref.id):
        return False
    if event.name not in listener.asks["events"] or event.at < listener.since:
        return False
    try:
        return listener.asks["match"] is None or _matches(listener.asks["match"], change, reader)
    except TrellisError:  # what it names is not defined any more
        return False
    except Exception:  # one bad wait must not hold up the facts
        logger.exception("A wait could not be asked about a fact")
        return False


def _matches(tree: object, change: Change, reader: RuleReader) -> bool:
    """As its author, who sees everything: like the condition of a trigger."""
    inputs = Inputs(
        record={"id": change.event.ref.id, **change.record},
        old=change.before or {},
        now=change.event.at,
        time_zone=reader.work.who.time_zone,
        follow=reader.follow,
        gather=reader.gather,
        related=reader.related,
        worth=reader.worth,
    )
    return compile_rule(from_json(tree))(inputs) is True
