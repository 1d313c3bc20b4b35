"""All decision tables of the draft, and one of them as a sheet."""

from dataclasses import dataclass, field
from typing import TypedDict

from crm_app.definitions.decision import DecisionDefinition
from crm_app.kernel.errors import NotFound
from crm_app.services import drafts
from crm_app.services.decision_checks import decision_notes
from crm_app.services.decision_tables import Verdict, key_of, tried_on
from crm_app.services.live import Schema
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import DECISIONS
from crm_app.ui.builder.addresses import builder_path
from crm_app.ui.builder.builder_data import MORE_CHECKS
from crm_app.ui.inputs import Choice

_HITS = {
    "first": "The first row that hits",
    "unique": "The only row that hits",
    "collect": "All rows that hit, collected",
}
_COMBINED = {"list": "As a list", "sum": "Added up", "min": "The smallest", "max": "The largest", "count": "Counted"}
_MARKS = {True: "true", False: "false", None: "unknown"}


class TableLine(TypedDict):
    name: str
    label: str
    object: str
    hit: str
    rows: str
    state: str
    href: str


class SheetCell(TypedDict):
    name: str
    value: str
    label: str
    error: str


class SheetColumn(TypedDict):
    """`rule` and `heading` are inputs of the sheet."""

    at: int
    key: str
    rule: SheetCell
    heading: SheetCell
    tried: str


class SheetRow(TypedDict):
    """`mark` says whether the row hits the record it was tried on; empty where it was not."""

    at: int
    key: str
    number: str
    cells: list[SheetCell]
    then: SheetCell
    note: SheetCell
    error: str
    mark: str


class Sheet(TypedDict):
    """`key` fills all inputs anew when it changes."""

    key: str
    name: str
    label: str
    object: str
    state: str
    is_archived: bool
    is_collected: bool
    hit: str
    hits: list[Choice]
    combine: str
    combined: list[Choice]
    otherwise: SheetCell
    columns: list[SheetColumn]
    rows: list[SheetRow]
    problems: list[str]
    notes: list[str]
    publish_href: str
    asked: str
    outcome: str
    tried: str


NO_SHEET = Sheet(
    key="", name="", label="", object="", state="", is_archived=False, is_collected=False,
    hit="", hits=[], combine="", combined=[],
    otherwise=SheetCell(name="", value="", label="", error=""), columns=[], rows=[], problems=[], notes=[],
    publish_href="", asked="", outcome="", tried="",
)  # fmt: skip


@dataclass(frozen=True)
class TablesData:
    lines: list[TableLine]
    archived: list[TableLine]
    objects: list[Choice] = field(default_factory=list[Choice])


def tables_data(work: UnitOfWork) -> TablesData:
    draft = drafts.read_draft(work)
    package = drafts.drafted(work, draft)
    lines = {True: list[TableLine](), False: list[TableLine]()}
    for table in sorted(package.decisions, key=lambda each: each.label.casefold()):
        of_object = package.by_name.get(table.object)
        lines[table.archived].append(
            TableLine(
                name=table.name,
                label=table.label,
                object=of_object.plural if of_object else table.object,
                hit=_HITS[table.hit],
                rows=str(len(table.rows)),
                state=_state(work, table, is_edited=key_of(table.name) in draft.edited),
                href=f"{DECISIONS}/{table.name}",
            )
        )
    objects = [_choice("object", each.name, each.plural, "") for each in work.catalog.objects]
    return TablesData(lines[False], lines[True], objects)


def sheet_data(work: UnitOfWork, name: str, turn: int, search: str = "") -> Sheet:
    draft = drafts.read_draft(work)
    package = drafts.drafted(work, draft)
    table = next((each for each in package.decisions if each.name == name), None)
    if table is None:
        raise NotFound(f"There is no decision table '{name[:50]}'.")
    path = f"{key_of(name)}/"
    every = drafts.problems(work, draft, MORE_CHECKS)
    own = [(f"{each.path}/", each.message) for each in every]
    errors = {at.removeprefix(path).rstrip("/"): message for at, message in own if at.startswith(path)}
    rules = Schema(0, package.live).rules
    is_sound = not errors and not table.archived
    verdict = tried_on(work, table, rules, search) if search and is_sound else None
    of_object = package.by_name.get(table.object)
    return Sheet(
        key=f"{name} {turn}",
        name=name,
        label=table.label,
        object=of_object.plural if of_object else table.object,
        state=_state(work, table, is_edited=key_of(name) in draft.edited),
        is_archived=table.archived,
        is_collected=table.hit == "collect",
        hit=table.hit,
        combine=table.combine,
        hits=[_choice("hit", value, label, table.hit) for value, label in _HITS.items()],
        combined=[_choice("combine", value, label, table.combine) for value, label in _COMBINED.items()],
        otherwise=_cell("otherwise", table.otherwise, "When no row hits", errors.get("otherwise", "")),
        columns=_columns(table, errors, verdict),
        rows=_rows(table, errors, verdict),
        problems=[_problem(place, message) for place, message in errors.items()],
        notes=decision_notes(table, rules) if is_sound and not every else [],
        publish_href=builder_path(table.object, "publish") if draft.edited else "",
        asked=search,
        outcome=verdict.outcome if verdict else "",
        tried=verdict.record if verdict else "",
    )


def _problem(place: str, message: str) -> str:
    match place.split("/"):
        case ["rows", row, *_]:
            return f"Row {int(row) + 1}: {message}"
        case ["inputs", column, *_]:
            return f"Column {int(column) + 1}: {message}"
        case _:
            return message


def _state(work: UnitOfWork, table: DecisionDefinition, *, is_edited: bool) -> str:
    is_known = any(each.name == table.name for each in work.schema.stored.decisions)
    return "Archived" if table.archived else "New" if not is_known else "Changed" if is_edited else ""


def _columns(table: DecisionDefinition, errors: dict[str, str], verdict: Verdict | None) -> list[SheetColumn]:
    return [
        SheetColumn(
            at=at,
            key=str(at),
            rule=_cell(f"in-{at}", each.rule, f"Value of column {at + 1}", errors.get(f"inputs/{at}/rule", "")),
            heading=_cell(f"head-{at}", each.label, f"Heading of column {at + 1}", ""),
            tried=verdict.values[at][1] if verdict else "",
        )
        for at, each in enumerate(table.inputs)
    ]


def _rows(table: DecisionDefinition, errors: dict[str, str], verdict: Verdict | None) -> list[SheetRow]:
    heads = [each.label or each.rule for each in table.inputs]
    return [
        SheetRow(
            at=at,
            key=str(at),
            number=str(at + 1),
            cells=[
                _cell(f"cell-{at}-{n}", cell, f"Row {at + 1}, {heads[n]}", errors.get(f"rows/{at}/when/{n}", ""))
                for n, cell in enumerate(row.when[: len(heads)])
            ],
            then=_cell(f"then-{at}", row.then, f"Row {at + 1}, outcome", errors.get(f"rows/{at}/then", "")),
            note=_cell(f"note-{at}", row.note, f"Row {at + 1}, note", ""),
            error=errors.get(f"rows/{at}/when", ""),
            mark=_MARKS[verdict.hits[at]] if verdict else "",
        )
        for at, row in enumerate(table.rows)
    ]


def _cell(name: str, value: str, label: str, error: str) -> SheetCell:
    return SheetCell(name=name, value=value, label=label, error=error)


def _choice(of: str, value: str, label: str, chosen: str) -> Choice:
    return Choice(value=value, label=label, id=f"{of}-{value}", is_chosen=value == chosen)
