"""From a change to runs: which facts fire, as whom, and that each fires once."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from crm_app.automation.relay import BATCH, Relay
from crm_app.kernel.actor import AutomationActor
from crm_app.kernel.errors import NotFound
from crm_app.services.automation_runs import RunOfRecord, runs_of
from crm_app.services.automation_starts import claim_pending
from crm_app.services.records import create_records
from crm_app.services.signals import listening
from crm_app.services.unit_of_work import FACTS, OUTBOX_CHANNEL
from tests.builders import SYSTEM
from tests.workflows.builders import FOLLOW_UP, WON, Automated, automation
from tests.workflows.runs import LEASE

Make = Callable[..., Automated]
MARK: dict[str, Any] = {"id": "mark", "type": "update", "values": {"note": "'seen'"}}


def runs(crm: Automated) -> list[tuple[str, str]]:
    with crm.work() as work:
        found = work.connection.execute(text("SELECT automation, status FROM crm.run ORDER BY id"))
        return [(row.automation, row.status) for row in found]


def relay(crm: Automated) -> list[tuple[str, str]]:
    Relay(crm.workspace, lambda: None).drain()
    return runs(crm)


def triggered(make_with: Make, trigger: dict[str, Any]) -> Automated:
    return make_with(automation("it", {"object": "deal", **trigger}, MARK))


def test_a_deal_that_enters_won_starts_one_run_as_its_owner(make_with: Make) -> None:
    crm = make_with(automation("won", WON, FOLLOW_UP))
    deal = crm.create("deal", crm.rep, name="A", stage="engaging")
    assert relay(crm) == []
    crm.update(deal.ref, {"stage": "won"}, crm.rep)
    assert relay(crm) == [("won", "pending")]
    crm.update(deal.ref, {"note": "still won"}, crm.rep)
    assert relay(crm) == [("won", "pending")]
    with crm.work() as work:
        assert work.connection.execute(text("SELECT runner FROM crm.run")).scalar_one() == crm.rep.user_id
        assert work.connection.execute(text("SELECT count(*) FROM crm.outbox")).scalar_one() == 0


@pytest.mark.parametrize(("on_create", "expected"), [(False, []), (True, [("it", "pending")])])
def test_a_record_made_in_the_stage_counts_only_when_asked_to(
    make_with: Make, on_create: bool, expected: list[tuple[str, str]]
) -> None:
    crm = triggered(make_with, {**WON, "on_create": on_create})
    crm.create("deal", crm.rep, name="A", stage="won")
    assert relay(crm) == expected


def test_created_and_deleted_start_runs_of_their_own(make_with: Make) -> None:
    crm = make_with(
        automation("made", {"type": "record.created", "object": "deal"}, MARK),
        automation("gone", {"type": "record.deleted", "object": "deal", "when": "stage = 'lost'"}, FOLLOW_UP),
    )
    deal = crm.create("deal", crm.rep, name="A", stage="lost")
    crm.delete(deal.ref, crm.rep)
    assert relay(crm) == [("made", "pending"), ("gone", "pending")]


def test_an_update_is_compared_field_by_field_with_what_was(make_with: Make) -> None:
    crm = triggered(make_with, {"type": "record.updated", "fields": ["amount"], "when": "amount > old.amount"})
    deal = crm.create("deal", crm.rep, name="A", amount="10 USD")
    crm.update(deal.ref, {"note": "other field"}, crm.rep)
    crm.update(deal.ref, {"amount": "5 USD"}, crm.rep)
    assert relay(crm) == []
    crm.update(deal.ref, {"amount": "6 USD"}, crm.rep)
    assert relay(crm) == [("it", "pending")]


def test_an_unknown_condition_does_not_fire(make_with: Make) -> None:
    crm = triggered(make_with, {"type": "record.created", "when": "amount > 5 USD"})
    crm.create("deal", crm.rep, name="no amount")
    assert relay(crm) == []


def test_a_record_without_owner_is_a_failed_run_that_says_so(make_with: Make) -> None:
    crm = triggered(make_with, {"type": "record.created"})
    deal = crm.create("deal", name="nobody's")
    assert relay(crm) == [("it", "failed")]
    with crm.work() as work:
        (run,) = runs_of(work, deal.ref)
    assert "nobody to act as" in run.error
    assert run.label == "It"


def test_a_chain_of_automations_that_is_too_long_ends_with_a_named_error(make_with: Make) -> None:
    crm = triggered(make_with, {"type": "record.updated"})
    deal = crm.create("deal", crm.rep, name="A")
    other = AutomationActor("other", deal.ref.id, crm.rep.user_id, depth=5, version=crm.vouch("other"))
    crm.update(deal.ref, {"note": "x"}, other)
    assert relay(crm) == [("it", "failed")]
    with crm.work() as work:
        (run,) = runs_of(work, deal.ref)
    assert run.error.startswith("loop_stopped: ")


def test_two_relays_at_once_make_no_run_twice(make_with: Make) -> None:
    crm = triggered(make_with, {"type": "record.created"})
    for index in range(20):
        crm.create("deal", crm.rep, name=f"A{index}")
    first, second = Relay(crm.workspace, lambda: None), Relay(crm.workspace, lambda: None)
    with crm.work(SYSTEM) as work:  # the first ten are in another relay's hands
        work.connection.execute(text("SELECT id FROM crm.outbox ORDER BY id LIMIT 10 FOR UPDATE"))
        assert first.relay_once() == 10
    assert second.relay_once() == 10
    assert len(runs(crm)) == 20


def test_waiting_ends_when_a_fact_is_committed(make_with: Make) -> None:
    crm = triggered(make_with, {"type": "record.created"})
    with listening(crm.workspace, OUTBOX_CHANNEL) as wait:
        assert not wait(0.01)
        crm.create("deal", crm.rep, name="A")
        crm.create("deal", crm.rep, name="B")
        assert set(wait(5)) == {FACTS}


def test_only_what_starts_a_run_or_lets_one_go_on_wakes_who_does_that(make_with: Make) -> None:
    crm = triggered(make_with, {"type": "record.created", "when": "name = 'A'"})
    woken: list[str] = []
    relay = Relay(crm.workspace, lambda: woken.append("woken"))
    crm.create("deal", crm.rep, name="B")
    assert (relay.drain(), woken) == (1, [])
    crm.create("deal", crm.rep, name="A")
    assert (relay.drain(), woken) == (1, ["woken"])


def test_only_who_sees_the_record_sees_its_runs(make_with: Make) -> None:
    crm = triggered(make_with, {"type": "record.created"})
    deal = crm.create("deal", crm.rep, name="A")
    relay(crm)
    stranger = crm.user("Sam", role="nobody")
    with crm.work(crm.rep) as work:
        assert [type(run) for run in runs_of(work, deal.ref)] == [RunOfRecord]
    with crm.work(stranger) as work, pytest.raises(NotFound):
        runs_of(work, deal.ref)


def test_who_writes_in_bulk_goes_first_and_what_that_sets_off_begins_run_by_run(make_with: Make) -> None:
    crm = triggered(make_with, {"type": "record.created"})
    relay = Relay(crm.workspace, lambda: None)
    for count, is_bulk in ((3, False), (BATCH, True)):
        with crm.work() as work:
            create_records(work, "deal", [{"name": f"{n}", "owner": crm.rep.user_id} for n in range(count)])
        assert relay.drain() == count
        assert relay.crowd.goes_first is is_bulk
    with crm.work() as work:
        claim = claim_pending(work, 200, LEASE, most=1)
    assert (len(claim.runs), claim.is_full) == (1, True)
