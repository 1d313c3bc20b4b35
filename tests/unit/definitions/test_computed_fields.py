"""What can't be worked out is refused when it is published, with the path and what to do."""

from typing import Any

import pytest

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Invalid
from crm_app.services.definitions import require_publishable
from tests.builders import field
from tests.integration.test_computed import formula, objects, rollup

TO_FIRM = field("firm", "relation", config={"object": "firm"})
NUMBER = field("n", "number")


@pytest.mark.parametrize(
    ("firm", "sale", "path", "said"),
    [
        ((), (formula("a", "a + 1"),), "objects/sale/fields/a/config/formula", "sale.a → sale.a"),
        (
            (rollup("x", "sum", "y"),),
            (TO_FIRM, formula("y", "firm.x")),
            "objects/firm/fields/x/config/relation",
            "firm.x → sale.y → firm.x",
        ),
        ((), (formula("a", "nothing + 1"),), "objects/sale/fields/a/config/formula", "no field 'nothing'"),
        ((), (formula("a", "owner"),), "objects/sale/fields/a/config/formula", "owner.name"),
        ((rollup("x", "count", relation="deals"),), (), "objects/firm/fields/x/config/relation", "no related records"),
        ((rollup("x", "sum", "m"),), (TO_FIRM,), "objects/firm/fields/x/config/field", "not a field of Sale"),
        ((rollup("x", "sum", "name"),), (TO_FIRM,), "objects/firm/fields/x/config/relation", "needs int"),
        (
            (rollup("x", "count", where="n"),),
            (TO_FIRM, NUMBER),
            "objects/firm/fields/x/config/where",
            "Expected bool",
        ),
        ((), (formula("a", "1") | {"required": True},), "objects/sale/fields/a/required", "can't be required"),
        ((), (formula("a", "1") | {"default": "1"},), "objects/sale/fields/a/default", "starts with nothing else"),
    ],
    ids=["itself", "circle", "unknown", "record", "relation", "field", "text", "where", "required", "default"],
)
def test_what_can_not_be_worked_out_is_refused(
    firm: tuple[Any, ...], sale: tuple[Any, ...], path: str, said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        require_publishable(load_package({"objects": objects(firm, sale)}), (), Package())
    found = {problem.path: problem.message for problem in refused.value.problems}
    assert said in found.get(path, ""), found


def test_formulas_stand_in_each_other_only_so_deep() -> None:
    chain = [formula(f"f{at}", f"f{at - 1} + 1" if at else "1") for at in range(12)]
    with pytest.raises(Invalid, match=r"can't be published") as refused:
        require_publishable(load_package({"objects": objects((), tuple(chain))}), (), Package())
    assert "At most 8 formulas" in refused.value.problems[0].message
