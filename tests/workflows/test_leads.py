"""The sales package's leads: converted by hand into a contact and a deal, and taken back by setting the status back."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import text

from crm_app.automation.by_hand import DoesNotApply, start_by_hand
from crm_app.automation.checks import check
from crm_app.definitions.package import Package
from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Invalid
from crm_app.kernel.events import RecordRef
from crm_app.services.definitions import publish
from crm_app.services.duplicates import always
from crm_app.services.packages import read_package, shipped_package
from crm_app.services.record_query import RecordQuery
from crm_app.services.records import create_record
from tests.builders import SYSTEM, Crm
from tests.workflows.engine import Engine, engine, wait_until

LEAD = {
    "name": "Zoë Vogel", "company_name": "Alder", "email": "zoe@alder.example.com", "interest": "Lantern",
    "budget": "1200 USD", "source": "referral",
}  # fmt: skip


class Sales(Crm):
    """A workspace with the sales package and a rep who owns what they enter."""

    rep: UserActor

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url, read_package(shipped_package("sales")))
        self.rep = self.user("Rita", "sales_rep", "North")

    def publish(self, package: Package) -> None:
        with self.workspace.work(SYSTEM) as work:
            publish(work, package, (check,))


@pytest.fixture
async def at(database_url: str, temporal_address: str, tmp_path: Path) -> AsyncGenerator[Engine]:
    crm = Sales(database_url)
    async with engine(crm, temporal_address, tmp_path.name) as found:
        yield found
    crm.close()


def there(at: Engine) -> dict[str, list[str]]:
    return {name: at.crm.names(RecordQuery(name)) for name in ("company", "contact", "deal")}


def convert(at: Engine, lead: RecordRef) -> None:
    with at.crm.work(at.crm.rep) as work:
        assert start_by_hand(work, "convert_lead", [lead]) == 1


async def test_a_lead_becomes_a_contact_and_a_deal_and_is_set_back(at: Engine) -> None:
    lead = at.crm.create("lead", at.crm.rep, **LEAD).ref
    at.crm.create("task", at.crm.rep, subject="Call", lead=str(lead.id))
    assert at.crm.get(lead, at.crm.rep).values["score"] == 85
    with pytest.raises(Invalid) as refusal:
        at.crm.update(lead, {"status": "converted"}, at.crm.rep)
    assert "Use Convert" in str([refusal.value, *refusal.value.problems])
    convert(at, lead)
    await at.begin()
    await at.comes_to("set_back")
    assert there(at) == {"company": ["Alder"], "contact": ["Zoë Vogel"], "deal": ["Alder: Lantern"]}
    found = at.crm.get(lead, at.crm.rep)
    deal = at.crm.get(RecordRef("deal", found.values["deal"]), at.crm.rep)
    assert (found.values["status"], str(deal.values["amount"])) == ("converted", "1200.00 USD")
    assert (deal.values["contact"], deal.values["company"]) == (found.values["contact"], found.values["company"])
    assert at.crm.names(RecordQuery("task", rule="deal is not empty and lead is empty")) == ["Call"]
    with at.crm.work(at.crm.rep) as work, pytest.raises(DoesNotApply):
        start_by_hand(work, "convert_lead", [lead])
    at.crm.update(lead, {"status": "contacted"}, at.crm.rep)
    await at.wake()
    await wait_until(lambda: at.ended() == "finished", "the conversion is taken back")
    assert there(at) == {"company": ["Alder"], "contact": [], "deal": []}
    values = at.crm.get(lead, at.crm.rep).values
    assert [values[name] for name in ("status", "company", "contact", "deal")] == ["contacted", None, None, None]
    assert at.crm.names(RecordQuery("task", rule="lead is not empty and deal is empty")) == ["Call"]


async def test_a_conversion_that_cannot_be_finished_leaves_nothing(at: Engine) -> None:
    """Two companies have the name, so that nobody knows which is meant."""
    lead = at.crm.create("lead", at.crm.rep, **LEAD).ref
    with at.crm.work() as work:
        for _ in range(2):
            create_record(work, "company", {"name": "Alder"}, always)
    convert(at, lead)
    assert (await at.run()).startswith("failed several_match")
    assert there(at) == {"company": ["Alder", "Alder"], "contact": [], "deal": []}
    with at.crm.work() as work:
        assert work.connection.execute(text("SELECT count(*) FROM crm.effect")).scalar_one() <= 1


async def test_a_lead_of_no_company_is_converted_too(at: Engine) -> None:
    lead = at.crm.create("lead", at.crm.rep, name="Zoë Vogel").ref
    convert(at, lead)
    await at.begin()
    await at.comes_to("set_back")
    assert there(at) == {"company": [], "contact": ["Zoë Vogel"], "deal": ["Zoë Vogel"]}
