"""What was shared for a while is not kept for longer by sharing it further."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from crm_app.definitions.load import load_package
from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid
from crm_app.services.shares import share_record
from tests.builders import Crm, role_body


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    own = {"objects": ["deal"], "actions": ["read", "create", "edit"], "scope": "own"}
    lender = role_body("lender", own, {"objects": ["deal"], "actions": ["share"]})
    crm.publish(load_package({"roles": {"roles/lender.json": lender}}))
    yield crm
    crm.close()


def test_who_has_a_record_for_an_hour_shares_it_no_longer(crm: Crm) -> None:
    ann, bob = crm.user("Ann", "lender"), crm.user("Bob", "lender")
    deal, now = crm.create("deal", bob, name="Bobs").ref, clock.now()
    hour, me, team = now + timedelta(hours=1), str(ann.user_id), str(crm.team("north"))
    with crm.work(bob) as work:
        share_record(work, deal, "user", me, "edit", hour)
    for kind, grantee, level in (("user", me, "edit"), ("team", team, "edit"), ("role", "lender", "read")):
        for until in (None, hour + timedelta(minutes=1)):
            with crm.work(ann) as work, pytest.raises(Invalid) as refusal:
                share_record(work, deal, kind, grantee, level, until)  # pyright: ignore[reportArgumentType]
            assert "share it no longer" in refusal.value.problems[0].message
    with crm.work(ann) as work:
        share_record(work, deal, "team", team, "read", hour)
    with crm.work(bob) as work:
        share_record(work, deal, "role", "lender", "read")
        assert share_record(work, deal, "user", me, "edit").until is None
    with crm.work(ann) as work:
        assert share_record(work, deal, "team", team, "edit").until is None
