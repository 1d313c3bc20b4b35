"""Small pieces that every page uses. Plain HTML with classes of our own: nothing here costs more than its tag."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import reflex as rx
from reflex_components_core.el.element import Element
from reflex_components_core.react_router.dom import ReactRouterLink

_SPRITE = Path(__file__).parents[2] / "assets" / "icons.svg"
SPRITE_URL = "/icons.svg"
FALLBACK_ICON = "box"


@cache
def known_icons() -> frozenset[str]:
    """The names that a definition can use; any other shows a box."""
    return frozenset(re.findall(r'<symbol id="([a-z0-9-]+)"', _SPRITE.read_text()))


def icon_name(name: str) -> str:
    return name if name in known_icons() else FALLBACK_ICON


class _Use(Element):
    """SVG's `use`; Reflex's own element has no `href`."""

    tag = "use"

    href: rx.Var[Any]


def icon(name: str | rx.Var[Any], class_name: str | rx.Var[Any] = "icon") -> rx.Component:
    """A symbol of the sprite, by a name that may come from a definition. Decorative: the text beside it speaks."""
    href = f"{SPRITE_URL}#{name}" if isinstance(name, str) else rx.Var.create(f"{SPRITE_URL}#") + name.to(str)
    return rx.el.svg(
        _Use.create(href=href), class_name=class_name, custom_attrs={"aria-hidden": "true", "focusable": "false"}
    )


def link(*children: Any, to: str | rx.Var[Any], **props: Any) -> rx.Component:
    """A link within the product: the page changes without a reload."""
    return ReactRouterLink.create(*children, to=to, **props)


class _Download(Element):
    """Reflex makes every `a` of this site a change of page; what the server answers with a file must not be one."""

    tag = "a"

    href: rx.Var[Any]
    download: rx.Var[Any]


def download(*children: Any, href: Any, **props: Any) -> rx.Component:
    """The browser saves what is there, and the page stays."""
    return _Download.create(*children, href=href, download=True, **props)


class _PlainLink(Element):
    tag = "a"

    href: rx.Var[Any]


def plain_link(*children: Any, href: Any, **props: Any) -> rx.Component:
    """To what is no page of this site: the browser asks for it as usual."""
    return _PlainLink.create(*children, href=href, **props)


class NativeForm(Element):
    """`rx.el.form` always prevents the browser's own submit; this one posts, so that the answer can set a cookie."""

    tag = "form"

    action: rx.Var[Any]
    method: rx.Var[Any]


def native_form(*children: Any, action: str, **props: Any) -> rx.Component:
    return NativeForm.create(*children, action=action, method="post", **props)


def button_link(label: str | rx.Var[Any], to: str | rx.Var[Any], icon_of: str = "", kind: str = "") -> rx.Component:
    mark = [icon(icon_of)] if icon_of else []
    return link(*mark, rx.el.span(label), to=to, class_name=f"button {kind}".strip())


def empty_state(icon_of: str | rx.Var[Any], title: Any, text: Any, *actions: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.div(icon(icon_of, "icon icon-large"), class_name="empty-mark"),
        rx.el.h2(title),
        rx.el.p(text),
        *actions,
        class_name="empty",
    )


def skeleton(lines: int) -> rx.Component:
    """The page's quiet outline while its data is on the way; it appears only when that takes a moment."""
    return rx.el.div(
        rx.el.div(class_name="bone bone-title"),
        *[rx.el.div(class_name="bone") for _ in range(lines)],
        class_name="skeleton",
        custom_attrs={"aria-hidden": "true"},
    )


def folded(label: str | rx.Var[Any], *children: rx.Component) -> rx.Component:
    """A heading that opens what is under it."""
    return rx.el.details(rx.el.summary(icon("chevron-right"), rx.el.span(label)), *children, class_name="folded")


def page_step(label: str, mark: str, href: Any) -> rx.Component:
    """To the page before or after; dimmed where there is none."""
    return rx.cond(
        href != "",
        link(icon(mark), to=href, class_name="icon-button", custom_attrs={"aria-label": label}),
        rx.el.span(icon(mark), class_name="icon-button is-off", custom_attrs={"aria-hidden": "true"}),
    )
