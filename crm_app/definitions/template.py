"""Texts with tags, such as `Hello {{contact.first_name}}`: what stands between the braces is an expression."""

import re
from collections.abc import Callable

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_PLACE = re.compile(r"tag-(\d+)")


def tags(text: str) -> list[str]:
    """The expressions, in their order."""
    return [found.strip() for found in _TAG.findall(text)]


def tag_place(index: int) -> str:
    """What paths call a tag within its text."""
    return f"tag-{index}"


def is_tag_place(name: str) -> bool:
    return _PLACE.fullmatch(name) is not None


def with_tags(text: str, said: Callable[[int, str], str]) -> str:
    """The text with every tag replaced, by its number and its expression."""
    numbers = iter(range(len(text)))
    return _TAG.sub(lambda found: said(next(numbers), found.group(1).strip()), text)


def with_tag(text: str, name: str, change: Callable[[str], str]) -> str:
    """The same text with one expression changed, at its `tag_place`."""

    def said(index: int, expression: str) -> str:
        return "{{" + (change(expression) if tag_place(index) == name else expression) + "}}"

    return with_tags(text, said)
