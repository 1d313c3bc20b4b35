"""One click on a suggestion mends the text."""

import pytest

from crm_app.rules.check import check
from crm_app.rules.errors import RuleError
from crm_app.rules.fixes import fix_of
from tests.unit.rules.world import VARIABLES, World


def mended(text: str) -> str:
    with pytest.raises(RuleError) as refused:
        check(text, "deal", World(), variables=VARIABLES)
    fix = fix_of(refused.value)
    return text if fix is None else text[: fix.span[0]] + fix.text + text[fix.span[1] :]


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("amount > 50000", "amount > 50000 EUR"),
        ("amount > '50k' and hot", "amount > 50000 EUR and hot"),
        ("amont > 5 EUR", "amount > 5 EUR"),
        ("owner.manager.nam = 'x'", "owner.manager.name = 'x'"),
        ("any(account.deals as d: d.amont > 5 EUR)", "any(account.deals as d: d.amount > 5 EUR)"),
        ("lowr(name) = 'x'", "lower(name) = 'x'"),
        ("stage = 'wno'", "stage = 'won'"),
        ("name = null", "name is empty"),
        ("hot == true", "hot = true"),
        ("hot AND hot", "hot and hot"),
        ("vars.flg", "vars.flag"),
        ("created_at < today", "created_at < now"),
    ],
)
def test_the_suggestion_is_put_where_it_belongs(text: str, better: str) -> None:
    assert mended(text) == better
    check(better, "deal", World(), variables=VARIABLES)


@pytest.mark.parametrize("text", ["account.deals.amount > 5 EUR", "amount >", "hot hot"])
def test_a_pattern_is_no_fix(text: str) -> None:
    assert mended(text) == text
