"""Rules asked one after the other: which is never reached, and what none of them is for."""

from crm_app.rules.cases import Cases, cases_of
from crm_app.rules.check import check
from tests.unit.rules.world import World


def _cases(*texts: str) -> Cases | None:
    return cases_of([check(text, "deal", World()).tree for text in texts])


def _gap(*texts: str) -> dict[str, object]:
    found = _cases(*texts)
    assert found is not None
    return {name.name: value for name, value in found.gap or ()}


def test_a_rule_whose_cases_are_all_taken_is_unreached() -> None:
    found = _cases("qty >= 10", "qty > 50", "stage = 'won'")
    assert found is not None
    assert (found.unreached, found.never) == ((1,), ())


def test_a_rule_that_contradicts_itself_is_never_true() -> None:
    found = _cases("qty > 5 and qty < 3", "qty is empty")
    assert found is not None
    assert found.never == (0,)


def test_a_gap_has_an_example_that_no_rule_is_true_of() -> None:
    assert _gap("qty >= 10", "qty < 10") == {"qty": None}
    assert _gap("qty >= 10", "qty < 10", "qty is empty") == {}
    assert _gap("stage in ['won', 'lost']")["stage"] == "new"


def test_old_and_new_are_told_apart() -> None:
    found = _cases("old.stage != 'won' and stage = 'won'", "stage = 'won' and old.stage = 'won'")
    assert found is not None
    assert (found.unreached, found.never) == ((), ())


def test_what_compares_fields_or_calls_a_function_is_not_decided() -> None:
    assert _cases("qty > old.qty") is None
    assert _cases("len(name) > 3") is None
    assert _cases("account.name = 'x'") is None
