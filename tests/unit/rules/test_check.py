"""What the checker says of a rule before anything is saved."""

import pytest

from crm_app.fields.rule_type import BOOL, DECIMAL, INT, TEXT
from crm_app.rules.check import check
from crm_app.rules.errors import RuleError
from crm_app.rules.rule import Rule
from tests.unit.rules.world import STAGE, VARIABLES, World


def checked(text: str) -> Rule:
    return check(text, "deal", World(), expect=None, variables=VARIABLES)


def refusal(text: str) -> RuleError:
    with pytest.raises(RuleError) as refused:
        checked(text)
    return refused.value


@pytest.mark.parametrize(
    ("text", "message", "suggestion"),
    [
        ("amount = '50k'", "`amount` is money, but `'50k'` is text.", "50000 EUR"),
        ("amount > 50000", "`amount` is money, but `50000` is int.", "50000 EUR"),
        ("amount > 5 USD + 3", "`+` does not go with money and int.", "5 USD + 3 USD"),
        ("amont > 5 EUR", "deal has no field 'amont'.", "amount"),
        ("owner.regio = 'EU'", "user has no field 'regio'.", "region"),
        ("stage = 'wno'", "'wno' is not one of the options", "'won'"),
        ("stage in ['won', 'Lost']", "'Lost' is not one of the options", "'lost'"),
        ("name = null", "A comparison with null is always unknown.", "name is empty"),
        ("name != null", "A comparison with null is always unknown.", "name is not empty"),
        ("name in [null]", "Null can't stand here", ""),
        ("5 EUR < 3 USD", "EUR and USD are different currencies.", ""),
        ("amount in [5 EUR] and 5 EUR + 3 USD > amount", "EUR and USD are different currencies.", ""),
        ("close_date < now", "`close_date` is date, but `now` is datetime.", "today"),
        ("created_at > today", "`created_at` is datetime, but `today` is date.", "now"),
        ("close_date + 3 > today", "`+` does not go with date and int.", "close_date + P3D"),
        ("3 + close_date > today", "`+` does not go with int and date.", ""),
        ("close_date > '2026-01-31'", "but `'2026-01-31'` is text.", "@2026-01-31"),
        ("name + 'x' = name", "`+` does not go with text and text.", "name & 'x'"),
        ("stage < 'won'", "There is no order among options.", ""),
        ("qty = '5'", "but `'5'` is text.", "5"),
        ("name = 5", "but `5` is int.", "'5'"),
        ("owner = account", "but `account` is ref⟨account⟩.", ""),
        ("owner = 'x'", "'x' is not the id of a record of user.", "me"),
        ("lowr(name) = 'x'", "There is no function 'lowr'.", "lower"),
        ("lower(qty) = 'x'", "`lower(text)` takes text or enum, but `qty` is int.", ""),
        ("lower() = 'x'", "can't take 0 values", ""),
        ("round(rate, qty) = 1", "`places` is a whole number from 0 to 10, written out.", ""),
        ("if hot then 1 else 'x'", "`then` gives int and `else` gives text", ""),
        ("qty and hot", "Expected bool, but `qty` is int.", ""),
        ("account.deals.name = 'x'", "This is a list", "any(deals where …)"),
        ("name.x = 'x'", "Only relations have fields; this is text.", ""),
        ("all(owner.deals where hot)", "`all` needs what must hold of each element", "all(owner.deals: hot)"),
        ("any(owner.deals where region = 'EU')", "deal has no field 'region'.", ""),
        ("any(owner.reports where qty > 1)", "deal has: give the element a name", ""),
        ("sum(owner.deals) > 1", "`sum` needs int, decimal, money, duration", "sum(owner.deals: field)"),
        ("any(name where true)", "goes over a list, but `name` is text", ""),
        ("any(tags where true)", "The elements are values", "any(tags as x: x = …)"),
        ("any(owner.deals as d: any(owner.deals as d: true))", "'d' already names another element.", ""),
        ("owner.manager.manager.manager.manager.manager.name = 'x'", "at most 5 relations", ""),
        ("vars.flg", "There is no `vars.flg` here.", "vars.flag"),
        ("steps.first.totl > 1", "There is no `steps.first.totl` here.", "steps.first.total"),
        ("any(old.deals: true)", "deal has no field 'deals'.", ""),
    ],
)
def test_a_mistake_is_explained_with_what_was_meant(text: str, message: str, suggestion: str) -> None:
    found = refusal(text)
    assert message in found.message
    assert found.suggestion == suggestion


def test_a_refusal_knows_the_place_and_both_types() -> None:
    found = refusal("hot and amount = '50k'")
    assert (found.span, found.expected, found.found) == ((17, 22), "money", "text")
    assert found.render().splitlines()[1] == " " * 17 + "^" * 5
    assert (found.code, found.status) == ("invalid_rule", 422)


def test_the_result_must_be_what_was_expected() -> None:
    with pytest.raises(RuleError, match="Expected bool, but `qty` is int"):
        check("qty", "deal", World())
    assert check("qty", "deal", World(), expect=DECIMAL).type == INT
    assert check("'won'", "deal", World(), expect=STAGE).type == STAGE.required()
    with pytest.raises(RuleError, match="'gone' is not one of the options"):
        check("if hot then 'won' else 'gone'", "deal", World(), expect=STAGE)


@pytest.mark.parametrize(
    ("text", "rule_type"),
    [
        ("qty / 2", "int"),
        ("qty / 2.0", "decimal"),
        ("amount / fee", "decimal"),
        ("2 * amount", "money"),
        ("close_date - today", "duration"),
        ("today + lag", "date"),
        ("created_at - P1D", "datetime"),
        ("stage & '!'", "text"),
        ("avg(owner.deals: qty)", "decimal"),
        ("max(owner.deals: close_date)", "date"),
        ("count(tags)", "int"),
        ("coalesce(qty, rate)", "decimal"),
        ("owner.manager", "ref⟨user⟩"),
        ("[1, 2.5]", "list⟨decimal⟩"),
        ("if hot then null else stage", "enum⟨deal.stage⟩"),
    ],
)
def test_types_are_worked_out(text: str, rule_type: str) -> None:
    assert str(checked(text).type) == rule_type


def test_what_can_be_null_is_known() -> None:
    assert not checked("name is empty").type.nullable
    assert not checked("count(owner.deals)").type.nullable
    assert checked("1 / 2").type.nullable
    assert checked("owner.id").type.nullable


def test_a_rule_knows_what_it_depends_on() -> None:
    found = checked(
        "any(account.deals as d where d.stage = 'won': d.amount > amount) and old.hot and owner = me"
    ).dependencies
    assert found.fields == {
        ("deal", "account"),
        ("account", "deals"),
        ("deal", "stage"),
        ("deal", "amount"),
        ("deal", "hot"),
        ("deal", "owner"),
    }
    assert found.context == {"old", "me"}
    assert found.depends_on_reader
    assert checked("close_date < today").dependencies.changes_with_time


def test_checking_canonical_text_gives_the_same_rule() -> None:
    rule = checked("any(account.deals as d where d.amount>amount:d.stage='won')")
    assert checked(rule.text) == rule


def test_a_hidden_field_is_not_given_away() -> None:
    class Half(World):
        def fields(self, object: str, /) -> object:  # noqa: A002
            known = super().fields(object)
            return known and {name: info for name, info in known.items() if name != "amount"}

    with pytest.raises(RuleError) as refused:
        check("amoun > 5 EUR", "deal", Half(), expect=BOOL)  # type: ignore[arg-type]
    assert "amount" not in str(refused.value)


def test_entangled_amounts_are_refused_before_their_sql_explodes() -> None:
    text = "amount"
    for _ in range(9):
        text = f"(if {text} > fee then amount else fee)"
    with pytest.raises(RuleError, match="depend on each other too deeply"):
        check(text, "deal", World(), expect=None)


def test_enum_and_text_compare_as_text() -> None:
    assert checked("stage = name").type == BOOL
    assert checked("lower(stage) = 'won'").tree.left.type == TEXT  # type: ignore[attr-defined]
