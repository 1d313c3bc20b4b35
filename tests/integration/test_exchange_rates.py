"""Exchange rates: an administrator says what a currency is worth, and every rule converts by it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from crm_app.kernel.errors import Forbidden, Invalid
from crm_app.services.exchange_rates import list_rates, save_rate
from crm_app.services.lists import list_records
from crm_app.services.record_query import RecordQuery
from crm_app.services.record_rules import RecordRules
from crm_app.services.records import get_record
from tests.builders import Crm
from tests.integration.api_client import Api


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


def test_a_list_and_a_rule_convert_at_the_same_rate(crm: Crm) -> None:
    with crm.work() as work:
        save_rate(work, "EUR", "2020-01-01", "1.25")
        save_rate(work, "EUR", "2999-01-01", "99")
    rule = "convert(amount, 'USD') = 125 USD and convert(amount, 'GBP') is empty"
    deal = crm.create("deal", name="Converted", amount="100 EUR")
    with crm.work() as work:
        found = list_records(work, RecordQuery("deal", rule=rule)).records
        assert [record.ref for record in found] == [deal.ref]
        rules = RecordRules(work, work.definition("deal"))
        values = get_record(work, deal.ref).values
        assert rules.holds(rule, rules.inputs(values, deal.ref.id))


def test_a_rate_is_replaced_on_its_day_and_read_by_everybody(crm: Crm) -> None:
    with crm.work() as work:
        save_rate(work, "EUR", "2026-01-01", "1.1")
        save_rate(work, "EUR", date(2026, 1, 1), "1.2")
    with crm.work(crm.user("Ann")) as work:
        assert [(rate.currency, rate.worth) for rate in list_rates(work)] == [("EUR", Decimal("1.2"))]
        with pytest.raises(Forbidden, match="Only an administrator"):
            save_rate(work, "EUR", "2026-01-02", "1")


@pytest.mark.parametrize(
    ("currency", "day", "worth", "path", "said"),
    [
        ("euro", "2026-01-01", "1", "currency", "not a currency code"),
        ("USD", "2026-01-01", "1", "currency", "the workspace's own currency"),
        ("EUR", "soon", "1", "valid_from", "not a date"),
        ("EUR", "2026-01-01", "0", "worth", "above 0"),
        ("EUR", "2026-01-01", "much", "worth", "not a number"),
        ("EUR", "2026-01-01", "0.0000000000001", "worth", "at most 12 digits"),
    ],
)
def test_what_is_no_rate_is_refused_at_its_place(
    crm: Crm, currency: str, day: str, worth: str, path: str, said: str
) -> None:
    with crm.work() as work, pytest.raises(Invalid) as refusal:
        save_rate(work, currency, day, worth)
    assert [problem.path for problem in refusal.value.problems] == [path]
    assert said in refusal.value.problems[0].message


def test_programs_read_and_change_rates(crm: Crm) -> None:
    api = Api(crm)
    with api.client("max") as admin, api.client("ann") as rep:
        path = "/api/v1/exchange-rates/CHF/2026-02-01"
        saved = admin.put(path, json={"worth": "1.1250"})
        assert saved.json() == {"currency": "CHF", "valid_from": "2026-02-01", "worth": "1.125"}
        assert rep.put(path, json={"worth": "2"}).status_code == 403
        assert admin.put(path, json={"worth": 1.5}).status_code == 422
        assert rep.get("/api/v1/exchange-rates").json() == {"currency": "USD", "rates": [saved.json()]}
        assert admin.delete(path).status_code == 204
        assert admin.delete(path).status_code == 404
        assert "/v1/exchange-rates" in admin.get("/api/openapi.json").json()["paths"]
