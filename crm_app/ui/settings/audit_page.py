"""Everything that happened, for administrators: searched, paged, and taken out as a file."""

from typing import Any

import reflex as rx

from crm_app.ui.address import AUDIT
from crm_app.ui.elements import download, empty_state, icon, link, skeleton
from crm_app.ui.inputs import Choice
from crm_app.ui.settings.audit_data import FILTERS, AuditChange, AuditData, AuditLine, audit_data, audit_path
from crm_app.ui.settings_head import settings_head
from crm_app.ui.shell_state import set_title, visit

_NO_VALUES = dict.fromkeys(FILTERS, "")


class AuditPage(rx.State):
    lines: rx.Field[list[AuditLine]] = rx.field(default_factory=list)
    values: rx.Field[dict[str, str]] = rx.field(default_factory=lambda: dict(_NO_VALUES))
    actions: rx.Field[list[Choice]] = rx.field(default_factory=list)
    objects: rx.Field[list[Choice]] = rx.field(default_factory=list)
    is_filtered: bool = False
    is_loaded: bool = False
    shown_for: str = ""
    next_href: str = ""
    csv_href: str = ""
    lines_href: str = ""
    note: str = ""

    @rx.event
    async def open(self) -> None:
        asked = {str(name): str(value) for name, value in self.router.url.query_parameters.items()}
        data = await visit(self, lambda work: audit_data(work, asked))
        if data:
            self._show(data)
            await set_title(self, "Audit")

    @rx.event
    def search(self, form: dict[str, Any]) -> Any:
        """The search is in the address, so that it can be kept and sent."""
        return rx.redirect(audit_path({name: str(form.get(name, "")).strip() for name in FILTERS}))

    def _show(self, data: AuditData) -> None:
        self.lines, self.values, self.note = data.lines, data.values, data.note
        self.actions, self.objects, self.is_filtered = data.actions, data.objects, data.is_filtered
        self.next_href, self.csv_href, self.lines_href = data.next_href, data.csv_href, data.lines_href
        self.shown_for = audit_path(data.values)
        self.is_loaded = True


def _field(name: str, label: str, control: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.label(label, html_for=f"audit-{name}"), control, class_name="field")


def _input(name: str, label: str, **props: Any) -> rx.Component:
    made = rx.el.input(
        id=f"audit-{name}",
        name=name,
        default_value=AuditPage.values[name],
        class_name="input",
        custom_attrs={"autoComplete": "off"},
        **props,
    )
    return _field(name, label, made)


def _select(name: str, label: str, everything: str, choices: Any) -> rx.Component:
    made = rx.el.select(
        rx.el.option(everything, value=""),
        rx.foreach(choices.to(list[Choice]), lambda c: rx.el.option(c["label"], value=c["value"], key=c["value"])),
        id=f"audit-{name}",
        name=name,
        default_value=AuditPage.values[name],
        class_name="input",
    )
    return _field(name, label, made)


def _hidden(name: str) -> rx.Component:
    return rx.el.input(type="hidden", name=name, value=AuditPage.values[name], read_only=True)


def _search() -> rx.Component:
    return rx.el.form(
        _input("q", "Words", placeholder="In names, values and reasons", max_length=200),
        _input("who", "Who", placeholder="Name or email", max_length=200),
        _select("action", "What", "Everything", AuditPage.actions),
        _select("object", "Object", "All objects", AuditPage.objects),
        _input("since", "From", type="date"),
        _input("until", "To", type="date"),
        *[_hidden(name) for name in ("record", "correlation")],
        rx.el.div(
            rx.el.button("Search", type="submit", class_name="button primary"),
            rx.cond(AuditPage.is_filtered, link("Show everything", to=AUDIT, class_name="button")),
            class_name="audit-buttons",
        ),
        on_submit=AuditPage.search,
        key=AuditPage.shown_for,
        class_name="audit-search",
        custom_attrs={"aria-label": "Search the audit", "role": "search"},
    )


def _change(change: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(change["label"], class_name="quiet"),
        rx.cond(change["before"] != "", rx.el.span(change["before"], class_name="change-before")),
        icon("arrow-right"),
        rx.el.span(rx.cond(change["after"] != "", change["after"], "empty")),
    )


def _line(line: Any) -> rx.Component:
    named = rx.cond(
        line["record_href"] != "",
        link(line["record_name"], to=line["record_href"], class_name="quiet-link"),
        rx.el.span(rx.cond(line["record_name"] != "", line["record_name"], line["about"])),
    )
    return rx.el.tr(
        rx.el.td(rx.el.time(line["at"])),
        rx.el.td(rx.el.strong(line["who"])),
        rx.el.td(rx.el.div(line["what"]), named),
        rx.el.td(
            rx.el.ul(rx.foreach(line["changes"].to(list[AuditChange]), _change), class_name="changes"),
            rx.cond(line["note"] != "", rx.el.p(line["note"], class_name="quiet")),
            rx.cond(
                line["together_href"] != "",
                link("All that was done together", to=line["together_href"], class_name="quiet-link"),
            ),
        ),
        key=line["key"],
    )


def _table() -> rx.Component:
    heads = ("When", "Who", "What", "Changes")
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col") for text in heads])),
            rx.el.tbody(rx.foreach(AuditPage.lines, _line)),
            class_name="lines audit-lines",
        ),
        class_name="index-scroll",
        role="region",
        custom_attrs={"aria-label": "Audit", "tabIndex": "0"},
    )


def _nothing() -> rx.Component:
    said = rx.cond(AuditPage.note != "", AuditPage.note, "Nothing that happened fits this search.")
    return empty_state("scroll", "Nothing found", said)


def _entries() -> rx.Component:
    return rx.el.div(
        _search(),
        rx.cond(AuditPage.lines.length() > 0, _table(), _nothing()),  # pyright: ignore[reportAttributeAccessIssue]
        rx.cond(
            AuditPage.next_href != "",
            rx.el.div(link("Older", to=AuditPage.next_href, class_name="button"), class_name="audit-buttons"),
        ),
        class_name="index-page",
    )


def audit_page() -> rx.Component:
    files = (("CSV", AuditPage.csv_href), ("JSON lines", AuditPage.lines_href))
    return rx.el.div(
        settings_head(
            "Audit",
            *[download(icon("download"), rx.el.span(label), href=href, class_name="button") for label, href in files],
        ),
        rx.cond(AuditPage.is_loaded, _entries(), skeleton(10)),
        class_name="page",
    )
