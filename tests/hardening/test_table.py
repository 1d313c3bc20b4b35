"""The table in docs/hardening.md names tests that are there."""

import ast
import re

from crm_app.runtime.data_dir import CHECKOUT

_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_every_test_that_the_table_names_is_there() -> None:
    found = _NAMED.findall((CHECKOUT / "docs" / "hardening.md").read_text(encoding="utf-8"))
    assert len(found) > 50
    for path, name in found:
        tree = ast.parse((CHECKOUT / path).read_text(encoding="utf-8"))
        functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
        assert not name or name in {each.name for each in functions}, f"{path}::{name}"
