"""All roles and permission sets, and a new one."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services import roles
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import ROLES, here
from crm_app.ui.builder.widgets import DialogButton, Naming
from crm_app.ui.door import enter
from crm_app.ui.elements import icon, link, skeleton
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.roles.role_data import KIND_WORDS
from crm_app.ui.roles.roles_data import BrokenRole, RoleLine, role_lines
from crm_app.ui.settings_head import settings_head
from crm_app.ui.shell_state import complaint, focus, set_title, visit

_PARTS = ("label", "name")
_Lines = tuple[list[RoleLine], list[RoleLine], list[BrokenRole]]


class RolesPage(rx.State):
    shown_at: str = ""
    lines: rx.Field[list[RoleLine]] = rx.field(default_factory=list)
    archived: rx.Field[list[RoleLine]] = rx.field(default_factory=list)
    broken: rx.Field[list[BrokenRole]] = rx.field(default_factory=list)
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    is_loaded: bool = False

    @rx.event
    async def open(self) -> None:
        data = await visit(self, role_lines)
        if data:
            self.lines, self.archived, self.broken = data
            self.errors, self.is_loaded, self.shown_at = {}, True, here(self.router.url)
            await set_title(self, "Roles")

    @rx.event
    async def create(self, form: dict[str, Any]) -> Any:
        label, name, kind, like = (str(form.get(part, "")).strip() for part in (*_PARTS, "kind", "like"))
        try:
            await enter(self, lambda work: roles.draft_role(work, name, label, kind, like))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.errors = {problem.path: problem.message for problem in refusal.problems if problem.path in _PARTS}
            first = next((part for part in _PARTS if part in self.errors), "")
            return focus(f"new-role-{first}") if first else complaint(sentence(refusal))
        return rx.redirect(f"{ROLES}/{name}")

    @rx.event
    async def archive(self, name: str) -> Any:
        """Into the draft: the role's page says what that means, and saves it."""
        said = await self._take(lambda work: roles.archive_role(work, str(name)))
        is_there = any(line["name"] == name for line in (*self.lines, *self.archived))
        return said or (rx.redirect(f"{ROLES}/{name}") if is_there else None)

    @rx.event
    async def restore(self, name: str) -> Any:
        return await self._take(lambda work: roles.restore_role(work, str(name))) or rx.redirect(f"{ROLES}/{name}")

    async def _take(self, step: Callable[[UnitOfWork], object]) -> Any:
        def taken(work: UnitOfWork) -> _Lines:
            step(work)
            return role_lines(work)

        data, said = await attempt(self, taken)
        if data is not None:
            self.lines, self.archived, self.broken = data
        return said


def _select(name: str, label: str, *options: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"new-role-{name}"),
        rx.el.select(*options, id=f"new-role-{name}", name=name, class_name="input"),
        class_name="field",
    )


def _new() -> rx.Component:
    likes = rx.foreach(
        RolesPage.lines,
        lambda line: rx.cond(
            line["name"] == "admin", rx.fragment(), rx.el.option(line["label"], value=line["name"], key=line["name"])
        ),
    )
    return DialogButton.create(
        rx.el.form(
            Naming.create(prefix="new-role", with_plural=False, errors=RolesPage.errors),
            _select("kind", "Kind", *[rx.el.option(label, value=value) for value, label in KIND_WORDS.items()]),
            _select("like", "Begins with what this one may do", rx.el.option("Nothing", value=""), likes),
            rx.el.div(rx.el.button("Add role", type="submit", class_name="button primary"), class_name="ask-actions"),
            on_submit=RolesPage.create,
            class_name="builder-form",
            custom_attrs={"noValidate": True},
        ),
        label="New role",
        icon="plus",
        kind="primary",
        title="New role",
        done=RolesPage.lines.length(),  # pyright: ignore[reportAttributeAccessIssue]
    )


def _line(line: Any) -> rx.Component:
    said = f"Archive {line['label']}"
    return rx.el.tr(
        rx.el.td(
            rx.el.span(
                link(line["label"], to=line["href"], class_name="line-link"),
                rx.cond(line["state"] != "", rx.el.span(line["state"], class_name="badge badge-amber")),
                class_name="object-name",
            ),
            rx.cond(line["note"] != "", rx.el.div(line["note"], class_name="quiet")),
        ),
        rx.el.td(line["kind"]),
        rx.el.td(line["inherits"], class_name="quiet"),
        rx.el.td(line["people"]),
        rx.el.td(
            rx.cond(
                line["name"] == "admin",
                rx.fragment(),
                rx.el.button(
                    icon("archive"),
                    type="button",
                    on_click=RolesPage.archive(line["name"]),
                    class_name="icon-button",
                    title=said,
                    custom_attrs={"aria-label": said},
                ),
            )
        ),
        key=line["name"],
    )


def _broken(each: Any) -> rx.Component:
    return rx.el.p(
        icon("triangle-alert"),
        rx.el.span(each["sentence"], " ", link("Mend it", to=each["href"], class_name="quiet-link")),
        class_name="run-problem",
        key=each["sentence"],
    )


def _archived_line(line: Any) -> rx.Component:
    return rx.el.li(
        link(line["label"], to=line["href"]),
        rx.cond(line["state"] != "Archived", rx.el.span(line["state"], class_name="badge badge-amber")),
        rx.el.button(
            "Restore",
            type="button",
            on_click=RolesPage.restore(line["name"]),
            class_name="button plain",
            custom_attrs={"aria-label": f"Restore {line['label']}"},
        ),
        key=line["name"],
    )


def _roles() -> rx.Component:
    headings = [rx.el.th(text, scope="col") for text in ("Role", "Kind", "Inherits", "People")]
    return rx.el.div(
        rx.cond(
            RolesPage.broken.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.div(rx.foreach(RolesPage.broken, _broken), class_name="health-problems", role="alert"),
        ),
        rx.el.div(
            rx.el.table(
                rx.el.thead(rx.el.tr(*headings, rx.el.th(rx.el.span("Archive", class_name="visually-hidden")))),
                rx.el.tbody(rx.foreach(RolesPage.lines, _line)),
                class_name="lines",
            ),
            class_name="index-scroll",
            role="region",
            custom_attrs={"aria-label": "Roles", "tabIndex": "0"},
        ),
        rx.cond(
            RolesPage.archived.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.details(
                rx.el.summary("Archived"),
                rx.el.ul(rx.foreach(RolesPage.archived, _archived_line)),
                class_name="archived archived-objects",
            ),
        ),
        class_name="index-page",
    )


def roles_page() -> rx.Component:
    return rx.el.div(
        settings_head("Roles", _new()),
        rx.cond(RolesPage.is_loaded, _roles(), skeleton(8)),
        class_name="page",
    )
