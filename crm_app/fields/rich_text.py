"""Formatted text as HTML of a few harmless tags. What is not on the list is gone before it is stored or shown."""

import html
import re

import nh3

TAGS = frozenset(
    ("p", "br", "strong", "b", "em", "i", "u", "s", "a", "ul", "ol", "li", "blockquote", "h2", "h3", "code", "pre")
)
SCHEMES = frozenset(("http", "https", "mailto", "tel"))
_BLOCK_END = re.compile(r"</(?:p|li|h2|h3|blockquote|pre)>|<br>")
_BLANK_LINES = re.compile(r"\n{3,}")


def harmless(markup: str) -> str:
    """Without scripts, styles, images, event handlers and addresses that run code. Text without any tag becomes
    paragraphs, one for each line. The same again changes nothing.
    """
    kept = _cleaned(markup) if "<" in markup else html.escape(markup, quote=False)
    if "<" in kept:
        return kept
    return "".join(f"<p>{line.strip()}</p>" for line in kept.splitlines() if line.strip())


def _cleaned(markup: str) -> str:
    return nh3.clean(
        markup,
        tags=set(TAGS),
        attributes={"a": {"href"}},
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
    ).strip()


def words(markup: str) -> str:
    """What a person reads of it, without the tags."""
    lines = _BLOCK_END.sub("\n", harmless(markup))
    plain = html.unescape(nh3.clean(lines, tags=set()))
    return _BLANK_LINES.sub("\n\n", plain).strip()
