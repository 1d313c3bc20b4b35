"""Cells that a spreadsheet would run as a formula. An apostrophe in front makes them text; reading takes it
off again.
"""

import re

GUARD = "'"
# The last four are the wide forms, which some spreadsheets take for the plain ones.
_RUNS = re.compile("'*[=+\\-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20]")


def guarded(text: str) -> str:
    """Safe to open in a spreadsheet. Apostrophes that stand there already count as guards too, so nothing is lost."""
    return GUARD + text if _RUNS.match(text) else text


def unguarded(text: str) -> str:
    """What was there before `guarded`; any other text stays as it is, its apostrophes included."""
    return text[1:] if text.startswith(GUARD) and _RUNS.match(text) else text
