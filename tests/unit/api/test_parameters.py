from urllib.parse import urlencode

import pytest

from crm_app.api.parameters import BadParameter, Parameters, read_parameters
from crm_app.services.record_query import Condition, Sort

KNOWN = frozenset({"sort", "limit", "fields", "count"})


def read(**parameters: str) -> Parameters:
    return read_parameters(urlencode(parameters).encode(), KNOWN, filters=True)


def test_filters_are_conditions() -> None:
    query = urlencode([("filter[stage]", "won"), ("filter[amount][ge]", "5 EUR"), ("filter[stage]", "lost")]).encode()
    assert read_parameters(query, KNOWN, filters=True).conditions == (
        Condition("stage", "eq", "won"),
        Condition("amount", "ge", "5 EUR"),
        Condition("stage", "eq", "lost"),
    )


def test_a_sort_starts_with_a_minus_to_turn_around() -> None:
    assert read(sort="-amount, name").sorts() == (Sort("amount", descending=True), Sort("name"))


def test_a_list_of_names_keeps_its_order_and_drops_doubles() -> None:
    assert read(fields="b,a,b").names("fields") == ("b", "a")


@pytest.mark.parametrize(
    "query",
    [
        b"x=1",
        b"limit=1&limit=2",
        b"filter=1",
        b"filter[]=1",
        b"filter[a][b][c]=1",
        b"filter[a][is_empty]=false",
        b"sort=%ff",
        b"sort=a%00",
        b"\xff=1",
        b"a&" * 60,
        b"sort=" + b"a" * 9_000,
    ],
)
def test_whatever_is_not_known_is_refused(query: bytes) -> None:
    with pytest.raises(BadParameter) as refused:
        read_parameters(query, KNOWN, filters=True)
    assert refused.value.problems


def test_a_choice_names_the_choices() -> None:
    assert read().choice("count", ("none", "exact")) == "none"
    with pytest.raises(BadParameter, match="none, exact"):
        read(count="all").choice("count", ("none", "exact"))
