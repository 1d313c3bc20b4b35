"""The lines chosen in a list, and the dialog that changes them: part of the form's state, whose inputs it shows."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services.bulk_edit import BulkReport, Chosen, Refused
from crm_app.services.records import MAX_BULK
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import path_parts
from crm_app.ui.door import enter
from crm_app.ui.records.bulk_data import MAX_REFUSALS, Offer, RefusedLine, asked_fields, next_matching, refused_lines
from crm_app.ui.records.filter_data import Choice
from crm_app.ui.records.form_data import FormField
from crm_app.ui.records.form_state import RecordForm
from crm_app.ui.records.list_address import ListAddress, parse_address
from crm_app.ui.records.list_data import exact_count
from crm_app.ui.records.start_part import StartChoice
from crm_app.ui.refusals import sentence
from crm_app.ui.shell_state import complaint, notice

Apply = Callable[[UnitOfWork, Sequence[Chosen]], BulkReport]


@dataclass
class Total:
    """Of all parts so far: how many were tried and how many are as asked, the last one, and some that were refused."""

    number: int = 0
    done: int = 0
    last: UUID | None = None
    refused: list[Refused] = field(default_factory=list[Refused])

    def add(self, part: Sequence[Chosen], report: BulkReport) -> None:
        self.number += len(part)
        self.done += len(report.done)
        self.last = part[-1].id
        self.refused = (self.refused + report.refused)[:MAX_REFUSALS]


class Bulk(RecordForm):
    """`is_all`: everything that the list's address finds, on all pages. What is chosen is known by its version when the
    page was shown, so that what somebody saved since is not written over.
    """

    is_offered: bool = False
    is_selecting: bool = False
    selected: rx.Field[list[str]] = rx.field(default_factory=list)
    page_size: int = 0
    is_all: bool = False
    total: str = ""
    has_more: bool = False
    noun: str = ""
    fields: rx.Field[list[Choice]] = rx.field(default_factory=list)
    stages: rx.Field[list[Choice]] = rx.field(default_factory=list)
    can_transfer: bool = False
    can_delete: bool = False
    startable: rx.Field[list[StartChoice]] = rx.field(default_factory=list)
    export_href: str = ""
    is_open: bool = False
    field: str = ""
    asked: rx.Field[list[FormField]] = rx.field(default_factory=list)
    progress: str = ""
    report_text: str = ""
    refused: rx.Field[list[RefusedLine]] = rx.field(default_factory=list)

    _versions: rx.Field[dict[str, int]] = rx.field(default_factory=dict)
    _anchor: str = ""
    _export_all: str = ""

    @rx.event
    def pick(self, record: str, pointer: dict[str, Any]) -> None:
        """With the shift key, all lines from the one picked before to this one."""
        ids = list(self._versions)
        if record not in ids:
            return
        if pointer.get("shift_key") is True and self._anchor in ids:
            start, end = sorted((ids.index(self._anchor), ids.index(record)))
            found = {*self.selected, *ids[start : end + 1]}
        else:
            found = {*self.selected} ^ {record}
        self._anchor = record
        self._select([each for each in ids if each in found])

    @rx.event
    def pick_page(self) -> None:
        """All lines of the page, or none where all are picked already."""
        self._select([] if len(self.selected) == len(self._versions) else list(self._versions))

    @rx.event
    def pick_all(self) -> None:
        self._select(list(self._versions))
        self.is_all, self.export_href = True, self._export_all

    @rx.event
    def clear(self) -> None:
        self._select([])
        self.is_selecting = False

    @rx.event
    def start_selecting(self) -> None:
        """On a phone, where lines have no box until one asks for it."""
        self.is_selecting = True

    @rx.event
    async def begin(self, field: str) -> Any:
        """Opens the dialog, with this field or one to be chosen there."""
        name, known = self._name(), [choice["value"] for choice in self.fields]
        if not known or not self.selected:
            return complaint("Choose some lines first.")
        self.field = str(field) if field in known else known[0]
        self.asked = await enter(self, lambda work: asked_fields(work, name, self.field))
        self.errors, self.report_text, self.refused, self.progress, self.is_open = {}, "", [], "", True
        return None

    @rx.event
    def close(self) -> None:
        self._close()

    def _offer(self, offer: Offer, versions: dict[str, int], total: str, export_href: str, *, has_more: bool) -> None:
        """For the page that opens: what its lines are and what may be done with them."""
        self.noun, self.fields, self.stages = offer.noun, offer.fields, offer.stages
        self.can_transfer, self.can_delete = offer.can_transfer, offer.can_delete
        self.startable = offer.startable
        self.is_offered = bool(offer.fields or offer.can_delete or offer.startable or export_href)
        self.total, self.has_more = total, has_more
        self._versions, self._export_all, self._anchor = versions, export_href, ""
        self.page_size = len(versions)
        self._select([])

    def _select(self, ids: list[str]) -> None:
        self.selected, self.is_all = ids, False
        joint = "&" if "?" in self._export_all else "?"
        self.export_href = f"{self._export_all}{joint}ids={','.join(ids)}" if self._export_all and ids else ""

    def _close(self) -> None:
        self.is_open, self.asked, self.errors, self.progress = False, [], {}, ""

    async def _apply(self, apply: Apply, done: str) -> AsyncIterator[Any]:
        """Part by part, to the last one; after each, what is done so far is shown. Ends with the event that says how it
        went.
        """
        total = Total()
        try:
            name, address, selected = self._name(), self._address(), self._selected()
            expected = await enter(self, lambda work: exact_count(work, name, address).value) if self.is_all else 0
            expected = expected or len(selected)
            while total.number < expected:
                self.progress = f"{total.number:,} of {expected:,} …"
                yield None
                part = selected[total.number : total.number + MAX_BULK]
                at = total.last
                if self.is_all:
                    part = await enter(self, lambda work, at=at: next_matching(work, name, address, at, MAX_BULK))
                if not part:
                    break
                total.add(part, await enter(self, lambda work, part=part: apply(work, part)))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            yield self._refuse(refusal, total)
            return
        yield self._tell(total, done)

    def _selected(self) -> list[Chosen]:
        return [] if self.is_all else [Chosen(UUID(record), self._versions[record]) for record in self.selected]

    def _refuse(self, refusal: TrellisError, total: Total) -> Any:
        self.progress = ""
        known = {each["name"] for each in self.asked}
        self.errors = {p.path: p.message for p in refusal.problems if self.is_open and p.path in known}
        before = f"{total.done:,} were done before. " if total.done else ""
        return complaint(before + sentence(refusal)) if before or not self.errors else None

    def _tell(self, total: Total, done: str) -> Any:
        self.progress = ""
        self._close()
        said = f"{total.done:,} {self.noun} {done}."
        if total.number == total.done:
            return notice(said)
        self.refused, self.is_open = refused_lines(total.refused), True
        self.report_text = f"{said} {total.number - total.done:,} stayed as they were."
        return None

    def _name(self) -> str:
        parts = path_parts(self.router.url.path)
        return parts[1] if len(parts) > 1 else ""

    def _address(self) -> ListAddress:
        return parse_address(self.router.url.query).first_page()
