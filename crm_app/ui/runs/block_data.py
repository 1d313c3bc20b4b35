"""One block of a canvas in full: what it is, what became of it, and each time that it was done."""

from collections.abc import Sequence
from typing import TypedDict

from crm_app.automation.catalog import STEP_TYPES
from crm_app.ui.runs.once_data import Once
from crm_app.ui.runs.run_tree import Become
from crm_app.ui.runs.run_words import block_words

TRIGGER = "@"


class BlockShown(TypedDict):
    """`nothing` stands where there are no times."""

    key: str
    label: str
    kind: str
    state: str
    css: str
    note: str
    nothing: str
    times: list[Once]


NO_BLOCK = BlockShown(key="", label="", kind="", state="", css="", note="", nothing="", times=[])


def block_shown(
    key: str,
    label: str,
    type_name: str,
    became: Become,
    times: Sequence[Once],
    note: str = "",
    nothing: str = "Nothing happened here.",
) -> BlockShown:
    state, css = block_words(became.state)
    found = STEP_TYPES.find(type_name)
    kind = found.label if found else type_name
    return BlockShown(
        key=key,
        label=label if label != key else kind,
        kind=kind,
        state=f"{state} · {became.times} times" if became.times > 1 else state,
        css=css,
        note=note,
        nothing=nothing,
        times=[*times],
    )
