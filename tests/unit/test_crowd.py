"""Who writes in bulk goes first, as long as that lasts and nobody waits too long for it."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_app.automation import crowd
from crm_app.automation.crowd import Crowd


class Moments:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def after(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> Moments:
    found = Moments()
    monkeypatch.setattr(crowd, "clock", found)
    return found


def test_nobody_goes_first_before_facts_came_in_bulk_and_a_second_after_the_last_did(moments: Moments) -> None:
    some = Crowd()
    assert not some.goes_first
    some.note()
    moments.after(0.9)
    assert some.goes_first
    moments.after(0.2)
    assert not some.goes_first


def test_runs_wait_half_a_minute_and_no_longer_for_what_does_not_end(moments: Moments) -> None:
    some, waited = Crowd(), 0.0
    some.note()
    while some.goes_first:
        moments.after(0.5)
        waited += 0.5
        some.note()
    assert waited == 30
    moments.after(2)
    some.note()
    assert some.goes_first
