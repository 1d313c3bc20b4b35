import pytest

from crm_app.kernel.strict_json import BadJson, loads


@pytest.mark.parametrize(
    "text",
    ['{"a": NaN}', '{"a": Infinity}', '{"a": 1, "a": 2}', "[" * 40 + "]" * 40, "{", "\x00", '{"a": "\\ud8"}', ""],
)
def test_what_is_not_our_json_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadJson):
        loads(text)


def test_too_much_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadJson, match="at most"):
        loads(b'"' + b"a" * 1_000_001 + b'"')


def test_brackets_in_text_are_no_nesting() -> None:
    assert loads('{"a": "' + "[" * 100 + '"}') == {"a": "[" * 100}


def test_bytes_that_are_not_utf8_are_named() -> None:
    with pytest.raises(BadJson, match="0xff"):
        loads(b'"\xff"')
