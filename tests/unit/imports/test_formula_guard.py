from hypothesis import given
from hypothesis import strategies as st

from crm_app.services.formula_guard import guarded, unguarded

RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "\uff1d")


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r\n\x00 a1\uff1d"), max_size=6) | st.text(max_size=20))
def test_what_was_guarded_comes_back_unchanged(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(RUNS)


def test_an_ordinary_apostrophe_is_left_alone() -> None:
    for text in ("'tis", "O'Brien", "''", "' =1"):
        assert guarded(text) == text
        assert unguarded(text) == text
