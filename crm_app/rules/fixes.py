"""The suggestion of a refusal as a change of the text that one click makes."""

import re
from dataclasses import dataclass

from crm_app.rules.errors import RuleError
from crm_app.rules.tree import Span

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TO_FILL_IN = "…"


@dataclass(frozen=True)
class Fix:
    """`text` goes in the place of `span`."""

    span: Span
    text: str


def fix_of(error: RuleError) -> Fix | None:
    """`None` where nothing is suggested, or only how it is written in general."""
    wanted = error.suggestion
    if not wanted or _TO_FILL_IN in wanted:
        return None
    start, end = error.span
    return Fix(_misspelt(error.text[start:end], error.found, wanted, start) or (start, end), wanted)


def _misspelt(part: str, found: str, wanted: str, start: int) -> Span | None:
    """A name within a longer part: the last of a path (`owner.nam`), the first of a call (`lowr(name)`)."""
    if part == found or not (_NAME.fullmatch(found) and _NAME.fullmatch(wanted)):
        return None
    if part.endswith(found):
        return (start + len(part) - len(found), start + len(part))
    return (start, start + len(found)) if part.startswith(found) else None
