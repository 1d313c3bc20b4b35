"""All automations, and a new one."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from crm_app.automation import drafting
from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services import automation_pauses
from crm_app.services.publishers import publish_in_my_name
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import here
from crm_app.ui.builder.widgets import DialogButton, Naming
from crm_app.ui.designer.addresses import designer_path
from crm_app.ui.designer.automations_data import AutomationLine, AutomationsData, automations_data
from crm_app.ui.door import enter
from crm_app.ui.elements import empty_state, icon, link, skeleton
from crm_app.ui.inputs import Choice, error_part
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.settings_head import settings_head
from crm_app.ui.shell_state import complaint, focus, set_title, visit

_PARTS = ("label", "name", "object", "trigger", "template")


class AutomationsPage(rx.State):
    shown_at: str = ""
    lines: rx.Field[list[AutomationLine]] = rx.field(default_factory=list)
    archived: rx.Field[list[AutomationLine]] = rx.field(default_factory=list)
    objects: rx.Field[list[Choice]] = rx.field(default_factory=list)
    triggers: rx.Field[list[Choice]] = rx.field(default_factory=list)
    templates: rx.Field[list[Choice]] = rx.field(default_factory=list)
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    is_loaded: bool = False

    @rx.event
    async def open(self) -> None:
        data = await visit(self, automations_data)
        if data:
            self._show(data)
            self.errors, self.is_loaded, self.shown_at = {}, True, here(self.router.url)
            await set_title(self, "Workflows")

    @rx.event
    async def create(self, form: dict[str, Any]) -> Any:
        given = {part: str(form.get(part, "")).strip() for part in _PARTS}
        try:
            await enter(self, lambda work: drafting.draft_automation(work, given))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.errors = {problem.path: problem.message for problem in refusal.problems if problem.path in _PARTS}
            first = next((part for part in _PARTS if part in self.errors), "")
            return focus(f"new-workflow-{first}") if first else complaint(sentence(refusal))
        return rx.redirect(designer_path(given["name"]))

    @rx.event
    async def pause(self, name: str, is_active: bool) -> Any:
        """At once, without a draft. What happens meanwhile waits."""
        if is_active is True:
            return await self._take(lambda work: automation_pauses.resume(work, str(name)))
        return await self._take(lambda work: automation_pauses.pause(work, str(name), keeps=True))

    @rx.event
    async def take_publisher(self, name: str) -> Any:
        """At once: whoever asks stands behind it from now on."""
        return await self._take(lambda work: publish_in_my_name(work, [str(name)]))

    @rx.event
    async def archive(self, name: str) -> Any:
        return await self._take(lambda work: drafting.archive(work, str(name)))

    @rx.event
    async def restore(self, name: str) -> Any:
        return await self._take(lambda work: drafting.restore(work, str(name)))

    async def _take(self, step: Callable[[UnitOfWork], object]) -> Any:
        _, said = await attempt(self, step)
        data, refused = await attempt(self, automations_data)
        if data is not None:
            self._show(data)
        return said or refused

    def _show(self, data: AutomationsData) -> None:
        self.lines, self.archived, self.objects = data.lines, data.archived, data.objects
        self.triggers, self.templates = data.triggers, data.templates


def _select(name: str, label: str, choices: Any, nothing: str = "") -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"new-workflow-{name}"),
        rx.el.select(
            rx.el.option(nothing, value="") if nothing else rx.fragment(),
            rx.foreach(choices, lambda each: rx.el.option(each["label"], value=each["value"], key=each["value"])),
            id=f"new-workflow-{name}",
            name=name,
            class_name="input",
        ),
        error_part(AutomationsPage.errors, name, f"new-workflow-{name}"),
        class_name="field",
    )


def _new() -> rx.Component:
    return DialogButton.create(
        rx.el.form(
            Naming.create(prefix="new-workflow", with_plural=False, errors=AutomationsPage.errors),
            _select("object", "About", AutomationsPage.objects),
            _select("trigger", "Starts when", AutomationsPage.triggers),
            _select("template", "Begin with", AutomationsPage.templates, "Nothing but the trigger"),
            rx.el.div(
                rx.el.button("Add workflow", type="submit", class_name="button primary"), class_name="ask-actions"
            ),
            on_submit=AutomationsPage.create,
            class_name="builder-form",
            custom_attrs={"noValidate": True},
        ),
        label="New workflow",
        icon="plus",
        kind="primary",
        title="New workflow",
        done=0,
    )


def _switch(line: Any) -> rx.Component:
    said = rx.cond(line["is_active"], f"Pause {line['label']}", f"Let {line['label']} start again")
    return rx.cond(
        line["is_live"],
        rx.el.button(
            rx.cond(line["is_active"], icon("pause"), icon("play")),
            type="button",
            on_click=AutomationsPage.pause(line["name"], ~line["is_active"].to(bool)),
            class_name="icon-button",
            title=said,
            custom_attrs={"aria-label": said},
        ),
    )


def _publisher(line: Any) -> rx.Component:
    """Only where whoever published it can't stand behind it any more."""
    return rx.el.div(
        rx.el.span(line["publisher"]),
        rx.el.button(
            "Publish in my name",
            type="button",
            on_click=AutomationsPage.take_publisher(line["name"]),
            class_name="button plain",
            custom_attrs={"aria-label": f"Publish {line['label']} in my name"},
        ),
        class_name="line-publisher",
    )


def _line(line: Any) -> rx.Component:
    said = f"Archive {line['label']}"
    return rx.el.tr(
        rx.el.td(
            rx.el.span(
                link(line["label"], to=line["href"], class_name="line-link"),
                rx.cond(line["state"] != "", rx.el.span(line["state"], class_name="badge badge-amber")),
                rx.cond(line["is_active"], rx.fragment(), rx.el.span("Paused", class_name="badge")),
                class_name="object-name",
            ),
            rx.cond(line["note"] != "", rx.el.div(line["note"], class_name="quiet line-note")),
            rx.cond(line["publisher"] != "", _publisher(line)),
        ),
        rx.el.td(line["trigger"]),
        rx.el.td(line["runs"], class_name="number"),
        rx.el.td(
            rx.cond(line["failed"] != "", rx.el.span(line["failed"], class_name="badge badge-red")), class_name="number"
        ),
        rx.el.td(
            rx.el.div(
                _switch(line),
                rx.el.button(
                    icon("archive"),
                    type="button",
                    on_click=AutomationsPage.archive(line["name"]),
                    class_name="icon-button",
                    title=said,
                    custom_attrs={"aria-label": said},
                ),
                class_name="line-tools",
            )
        ),
        key=line["name"],
    )


def _archived_line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(line["label"]),
        rx.el.code(line["name"], class_name="quiet"),
        rx.el.button(
            "Restore",
            type="button",
            on_click=AutomationsPage.restore(line["name"]),
            class_name="button plain",
            custom_attrs={"aria-label": f"Restore {line['label']}"},
        ),
        key=line["name"],
    )


def _table() -> rx.Component:
    headings = (("Workflow", ""), ("Starts when", ""), ("Runs in 7 days", "number"), ("Failed", "number"))
    return rx.el.div(
        rx.cond(
            AutomationsPage.lines.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.div(
                rx.el.table(
                    rx.el.thead(
                        rx.el.tr(
                            *[rx.el.th(text, scope="col", class_name=css) for text, css in headings],
                            rx.el.th(rx.el.span("Pause or archive", class_name="visually-hidden")),
                        )
                    ),
                    rx.el.tbody(rx.foreach(AutomationsPage.lines, _line)),
                    class_name="lines",
                ),
                class_name="index-scroll",
                role="region",
                custom_attrs={"aria-label": "Workflows", "tabIndex": "0"},
            ),
            empty_state("workflow", "No workflows yet", "What happens by itself when records change, step by step."),
        ),
        rx.cond(
            AutomationsPage.archived.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.details(
                rx.el.summary("Archived"),
                rx.el.ul(rx.foreach(AutomationsPage.archived, _archived_line)),
                class_name="archived archived-objects",
            ),
        ),
        class_name="index-page",
    )


def automations_page() -> rx.Component:
    return rx.el.div(
        settings_head("Workflows", _new()),
        rx.cond(AutomationsPage.is_loaded, _table(), skeleton(8)),
        class_name="page",
    )
