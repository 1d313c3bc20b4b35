"""Exchange rates: what a currency is worth from a day on. Rules and formulas convert amounts by them."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services.exchange_rates import remove_rate, save_rate
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.door import enter
from crm_app.ui.elements import empty_state, icon, skeleton
from crm_app.ui.inputs import error_part
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.settings.rates_data import RateLine, RatesData, rates_data
from crm_app.ui.settings_head import settings_head
from crm_app.ui.shell_state import complaint, focus, set_title, visit

_PARTS = ("currency", "valid_from", "worth")


class RatesPage(rx.State):
    currency: str = ""
    lines: rx.Field[list[RateLine]] = rx.field(default_factory=list)
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    is_loaded: bool = False
    turn: int = 0

    @rx.event
    async def open(self) -> None:
        data = await visit(self, rates_data)
        if data:
            self._show(data)
            self.is_loaded = True
            await set_title(self, "Exchange rates")

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        """A mistake is told at its input; what was typed stays."""
        currency, day, worth = (str(form.get(part, "")).strip() for part in _PARTS)
        try:
            data = await enter(self, _then_read(lambda work: save_rate(work, currency.upper(), day, worth)))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.errors = {problem.path: problem.message for problem in refusal.problems if problem.path in _PARTS}
            first = next((part for part in _PARTS if part in self.errors), "")
            return focus(f"rate-{first}") if first else complaint(sentence(refusal))
        self._show(data)
        self.turn += 1
        return focus("rate-currency")

    @rx.event
    async def remove(self, currency: str, valid_from: str) -> Any:
        data, said = await attempt(self, _then_read(lambda work: remove_rate(work, str(currency), str(valid_from))))
        if data is not None:
            self._show(data)
        return said

    def _show(self, data: RatesData) -> None:
        self.currency, self.lines, self.errors = data.currency, data.lines, {}


def _then_read(step: Callable[[UnitOfWork], object]) -> Callable[[UnitOfWork], RatesData]:
    def taken(work: UnitOfWork) -> RatesData:
        step(work)
        return rates_data(work)

    return taken


def _input(name: str, label: Any, **props: Any) -> rx.Component:
    errors = RatesPage.errors
    described = {
        "aria-describedby": f"rate-{name}-error",
        "aria-invalid": rx.cond(errors.contains(name), "true", "false"),
        "autoComplete": "off",
    }
    return rx.el.div(
        rx.el.label(label, html_for=f"rate-{name}"),
        rx.el.input(id=f"rate-{name}", name=name, class_name="input", custom_attrs=described, **props),
        error_part(errors, name, f"rate-{name}"),
        class_name="field",
    )


def _form() -> rx.Component:
    return rx.el.form(
        _input("currency", "Currency", placeholder="EUR", max_length=3),
        _input("valid_from", "From", type="date"),
        _input("worth", f"Worth in {RatesPage.currency}", placeholder="1.085", input_mode="decimal"),
        rx.el.button("Save rate", type="submit", class_name="button primary"),
        on_submit=RatesPage.save,
        key=f"{RatesPage.turn}",
        class_name="rate-form",
        custom_attrs={"noValidate": True, "aria-label": "New exchange rate"},
    )


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(rx.el.strong(line["currency"])),
        rx.el.td(line["valid_from"]),
        rx.el.td(line["worth"], class_name="number"),
        rx.el.td(
            rx.el.button(
                icon("trash-2"),
                type="button",
                on_click=RatesPage.remove(line["currency"], line["valid_from"]),
                class_name="icon-button",
                title=line["remove_label"],
                custom_attrs={"aria-label": line["remove_label"]},
            )
        ),
        key=line["key"],
    )


def _table() -> rx.Component:
    headings = (("Currency", ""), ("From", ""), ("Worth", "number"))
    return rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    *[rx.el.th(text, scope="col", class_name=css) for text, css in headings],
                    rx.el.th(rx.el.span("Remove", class_name="visually-hidden")),
                )
            ),
            rx.el.tbody(rx.foreach(RatesPage.lines, _line)),
            class_name="lines",
        ),
        class_name="index-scroll",
        role="region",
        custom_attrs={"aria-label": "Exchange rates", "tabIndex": "0"},
    )


def _rates() -> rx.Component:
    explained = (
        "What one unit of each currency is worth in ",
        RatesPage.currency,
        ", the currency of this workspace. A rate holds from its day until the next one.",
    )
    return rx.el.div(
        rx.el.p(*explained, class_name="quiet"),
        _form(),
        rx.cond(
            RatesPage.lines.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            _table(),
            empty_state("coins", "No exchange rates yet", "Until there are some, converted amounts stay empty."),
        ),
        class_name="index-page",
    )


def rates_page() -> rx.Component:
    return rx.el.div(
        settings_head("Exchange rates"), rx.cond(RatesPage.is_loaded, _rates(), skeleton(8)), class_name="page"
    )
