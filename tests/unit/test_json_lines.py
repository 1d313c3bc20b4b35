import json

from hypothesis import given
from hypothesis import strategies as st

from crm_app.kernel.json_lines import line_of

TEXT = """{
  "name": "deal",
  "fields": [
    {"name": "a", "label": "x, {y}"},
    {
      "name": "b",
      "label": "\\"q\\""
    }
  ],
  "last": true
}"""


def test_a_path_leads_to_its_line() -> None:
    for path, line in (("", 1), ("name", 2), ("fields", 3), ("fields/0/label", 4), ("fields/1", 5), ("last", 10)):
        assert line_of(TEXT, [part for part in path.split("/") if part]) == line, path


def test_an_item_is_also_known_by_its_name() -> None:
    assert line_of(TEXT, ["fields", "b", "label"]) == 7


def test_what_is_not_there_is_told_at_what_holds_it() -> None:
    assert line_of(TEXT, ["fields", "1", "config", "options"]) == 5
    assert line_of(TEXT, ["nothing"]) == 1


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(_VALUES, st.sampled_from([None, 1]))
def test_every_value_of_any_json_is_found_where_it_begins(value: object, indent: int | None) -> None:
    text = json.dumps({"top": value}, indent=indent)
    assert 1 <= line_of(text, ["top"]) <= text.count("\n") + 1
    assert line_of(text, ["top"]) == (1 if indent is None else 2)
