"""What every registered function promises, tested the day it appears."""

import pytest

from crm_app.rules.check import check
from crm_app.rules.function import RuleFunction
from crm_app.rules.function_guide import PAGE, guide_page
from crm_app.rules.inputs import Inputs
from crm_app.rules.library import FUNCTIONS
from crm_app.rules.python import compile_rule
from crm_app.storage.rule_sql_functions import SQL
from tests.unit.rules.world import World


def test_every_function_has_both_targets() -> None:
    assert set(SQL) == set(FUNCTIONS.names())


@pytest.mark.parametrize("function", list(FUNCTIONS), ids=lambda function: function.name)
def test_its_example_is_true(function: RuleFunction) -> None:
    assert compile_rule(check(function.example, "deal", World()))(Inputs(record={})) is True


def test_the_guide_page_is_what_the_functions_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == guide_page(), "run ./trellis schemas"
