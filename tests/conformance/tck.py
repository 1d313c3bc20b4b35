"""The DMN TCK's cases: one for each result that a test expects of a decision."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from crm_app.fields.rule_type import BOOL, DATE, DATETIME, DECIMAL, DURATION, INT, TEXT, TIME
from crm_app.rules.errors import RuleError
from tests.conformance import feel, feel_literals
from tests.conformance.dmn import Model, child, kids, tag
from tests.conformance.source import Case, Typed, Untranslatable, unread

DIALECT, same = feel.DIALECT, feel.same
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_TYPES = {"number": DECIMAL, "text": TEXT, "bool": BOOL, "date": DATE, "time": TIME, "datetime": DATETIME,
          "duration": DURATION, "months": INT}  # fmt: skip
_TEMPORAL = {
    "date": feel_literals.day,
    "time": feel_literals.clock,
    "dateTime": feel_literals.moment,
    "duration": feel_literals.span,
}


class Strange(str):
    """An expected value that rules can't hold; equal to nothing."""

    __slots__ = ()

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return False


def cases(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.glob("tck/*/*/*.xml")):
        root = ET.parse(path).getroot()  # noqa: S314 - the file lies beside the project
        if tag(root) == "testCases":
            yield from _cases(path, root)


def _cases(path: Path, root: ET.Element) -> Iterator[Case]:
    named = child(root, "modelName")
    model_path = path.parent / ((named.text if named is not None else "") or "")
    try:
        model = Model.read(model_path)
    except (OSError, ET.ParseError) as error:
        yield unread("tck", path.parent.name, str(error))
        return
    for test in kids(root, "testCase"):
        values = {node.get("name", ""): value_of(node) for node in kids(test, "inputNode")}
        given = values | {name: _nothing(model, name) for name in model.inputs if values.get(name) is None}
        for result in kids(test, "resultNode"):
            yield _case(f"{path.parent.name}/{test.get('id')}", model, result, given)


def _nothing(model: Model, name: str) -> Typed | None:
    kind = model.kind(model.inputs[name])
    return None if kind is None or kind[1] else Typed(_TYPES[kind[0]], is_months=kind[0] == "months")


def _case(name: str, model: Model, result: ET.Element, given: dict[str, Any]) -> Case:
    expected = child(result, "expected")
    value = None if expected is None else value_of(expected)
    decision = result.get("name", "")
    text = "".join(model.decisions[decision].itertext()).strip() if decision in model.decisions else decision
    return Case(
        suite="tck",
        name=f"{name}/{decision}",
        text=" ".join(text.split()),
        expected=value,
        parse=partial(model.decision, decision),
        inputs=given,
        is_null_error=value is None,
    )


def value_of(node: ET.Element) -> Any:
    """What stands in an input or an expected result."""
    if (listed := child(node, "list")) is not None:
        return [value_of(item) for item in kids(listed, "item")]
    if components := kids(node, "component"):
        return {each.get("name", ""): value_of(each) for each in components}
    value = child(node, "value")
    if value is None or value.get(f"{_XSI}nil") == "true":
        return None
    text = "".join(value.itertext())
    return _read(text, value.get(f"{_XSI}type", "").rpartition(":")[2])


def _read(text: str, kind: str) -> Any:
    if kind in _TEMPORAL:
        try:
            return _TEMPORAL[kind](text.strip())
        except (RuleError, Untranslatable):
            return Strange(text)
    if kind == "string":
        return text
    if text.strip() in {"true", "false"}:
        return text.strip() == "true"
    try:
        number = Decimal(text.strip())
    except ArithmeticError:
        return text
    return int(number) if number == number.to_integral_value() else number
