"""What every registered function promises, tested the day it appears."""

from pathlib import Path

import pytest

from crm_app.rules.check import check
from crm_app.rules.function import RuleFunction
from crm_app.rules.inputs import Inputs
from crm_app.rules.library import FUNCTIONS
from crm_app.rules.python import compile_rule
from crm_app.storage.rule_sql_functions import SQL
from tests.unit.rules.world import World

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "rules.md"


def test_every_function_has_both_targets() -> None:
    assert set(SQL) == set(FUNCTIONS.names())


@pytest.mark.parametrize("function", list(FUNCTIONS), ids=lambda function: function.name)
def test_its_example_is_true(function: RuleFunction) -> None:
    assert compile_rule(check(function.example, "deal", World()))(Inputs(record={})) is True


@pytest.mark.parametrize("function", list(FUNCTIONS), ids=lambda function: function.name)
def test_the_guide_has_it(function: RuleFunction) -> None:
    guide = GUIDE.read_text()
    assert f"`{function.signature}`" in guide
    assert function.example in guide
    assert function.description in guide
