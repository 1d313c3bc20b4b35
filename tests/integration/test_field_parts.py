"""A rule asks for a part of an address or a location, in a list as in a check."""

from collections.abc import Iterator

import pytest

from crm_app.definitions.load import load_package
from crm_app.kernel.errors import TrellisError
from crm_app.services.lists import list_records
from crm_app.services.record_query import RecordQuery
from crm_app.services.record_rules import RecordRules
from crm_app.services.records import get_record
from tests.builders import Crm, field, object_body

OBSERVATORY = object_body("observatory", field("site", "address"), field("spot", "location"), field("town", "location"))


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, load_package({"objects": {"objects/observatory.json": OBSERVATORY}}))
    yield crm
    crm.close()


def names(crm: Crm, rule: str) -> list[str]:
    """Found by the list; each record by itself must say the same."""
    with crm.work() as work:
        found = list_records(work, RecordQuery("observatory", rule=rule)).records
        rules = RecordRules(work, work.definition("observatory"))
        for record in list_records(work, RecordQuery("observatory")).records:
            values = get_record(work, record.ref).values
            assert rules.holds(rule, rules.inputs(values, record.ref.id)) is (record.ref in {f.ref for f in found})
        return sorted(str(record.values["name"]) for record in found)


def test_parts_and_distances_are_asked_for_alike_in_lists_and_checks(crm: Crm) -> None:
    crm.create("observatory", name="Urania", site={"city": "Berlin"}, spot="52.52, 13.405", town="52.39, 13.06")
    crm.create("observatory", name="Paranal", site={"country": "Chile"}, spot="-24.63, -70.4")
    assert names(crm, "site.city = 'Berlin' and site.country is empty") == ["Urania"]
    assert names(crm, "spot.latitude < 0 and site contains 'Chile'") == ["Paranal"]
    assert names(crm, "distance_km(spot, town) between 27 and 28") == ["Urania"]
    assert names(crm, "distance_km(spot, town) is empty") == ["Paranal"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("site.town = 'x'", "has no 'town'. It has street, city, region, postal_code, country."),
        ("distance_km(site, spot) > 1", "takes fields that are locations"),
        ("name.city = 'x'", "Only relations have fields"),
    ],
)
def test_what_is_no_part_is_refused(crm: Crm, rule: str, said: str) -> None:
    with crm.work() as work, pytest.raises(TrellisError) as refusal:
        list_records(work, RecordQuery("observatory", rule=rule))
    assert said in refusal.value.message
