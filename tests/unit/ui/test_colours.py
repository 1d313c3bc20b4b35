"""Text can be read on everything that it stands on, in light and in dark: WCAG AA asks for 4.5 : 1."""

import re

import pytest

from crm_app.runtime.data_dir import CHECKOUT

_TOKENS = (CHECKOUT / "assets" / "styles" / "tokens.css").read_text()
_READABLE = 4.5
_VISIBLE = 3.0
_GROUNDS = ("bg", "bg-sunken", "bg-raised", "hover", "chosen")
_ON_GROUNDS = ("text", "text-2", "text-3", "accent-text", "danger", "good")
_PAIRS = [
    *((text, ground) for text in _ON_GROUNDS for ground in _GROUNDS if (text, ground) != ("text-3", "chosen")),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("accent-text", "accent-soft"),
    ("danger", "danger-soft"),
]


def _tokens(theme: str) -> dict[str, str]:
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in _TOKENS.split(".dark {"))
    return {"light": light, "dark": light | dark}[theme]


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), _PAIRS)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    tokens = _tokens(theme)
    assert _contrast(tokens[text], tokens[ground]) >= _READABLE


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", _GROUNDS[:3])
def test_the_focus_ring_can_be_seen(theme: str, ground: str) -> None:
    tokens = _tokens(theme)
    assert _contrast(tokens["ring"], tokens[ground]) >= _VISIBLE
