"""Decision tables in an administrator's draft, and what one of them answers for a record."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from crm_app.definitions import decision_edits
from crm_app.definitions.decision import DecisionDefinition
from crm_app.kernel.errors import Invalid, NotFound, Problem
from crm_app.kernel.events import RecordRef
from crm_app.rules.check import check, check_tree
from crm_app.rules.decision_table import row_condition
from crm_app.rules.python import compile_rule
from crm_app.rules.reading import reading
from crm_app.rules.rule import Rule
from crm_app.rules.value_words import Words
from crm_app.services.draft_store import keep, locked, require_administrator, stored_body
from crm_app.services.drafts import Draft, add_to_draft, edit_draft
from crm_app.services.lists import list_records
from crm_app.services.new_names import name_problems
from crm_app.services.record_query import RecordQuery
from crm_app.services.record_rules import RecordRules
from crm_app.services.records import get_record
from crm_app.services.rule_trials import record_name
from crm_app.services.rulebook import Rulebook
from crm_app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Verdict:
    """Of each row whether it hits, null for unknown; `values` are the inputs, as texts, by their readings."""

    record: str
    hits: tuple[bool | None, ...]
    values: tuple[tuple[str, str], ...]
    outcome: str


def key_of(name: str) -> str:
    return f"decisions/{name}"


def draft_table(work: UnitOfWork, name: str, label: str, of_object: str) -> Draft:
    """A new table with one column about what the object's records are called."""
    problems = name_problems({"label": label, "name": name})
    definition = work.catalog.by_name.get(of_object)
    if definition is None:
        problems.append(Problem("object", "Choose what it decides about."))
    if problems or definition is None:
        raise Invalid("The table was not added.", problems)
    body = decision_edits.new_table(name, label, of_object, definition.name_field)
    return add_to_draft(work, f"Add decision table {label}", {key_of(name): body}, {})


def save_table(work: UnitOfWork, name: str, form: Mapping[str, Any]) -> Draft:
    edit = partial(decision_edits.with_form, form=form)
    return edit_draft(work, f"Change decision table {name}", {key_of(name): edit})


def act_on_table(work: UnitOfWork, name: str, what: str, at: int) -> Draft:
    edit = partial(decision_edits.acted, what=what, at=at)
    return edit_draft(work, f"Change decision table {name}", {key_of(name): edit})


def archive_table(work: UnitOfWork, name: str) -> Draft:
    """One that was never published leaves the draft."""
    user, draft, key = require_administrator(work), locked(work), key_of(name)
    if stored_body(work, key) is not None:
        return edit_draft(work, f"Archive decision table {name}", {key: lambda body: {**body, "archived": True}})
    if key not in draft.edited:
        raise NotFound(f"There is no decision table '{name[:50]}'.")
    return keep(work, user, draft, f"Remove decision table {name}", {key: None})


def restore_table(work: UnitOfWork, name: str) -> Draft:
    return edit_draft(work, f"Restore decision table {name}", {key_of(name): lambda body: {**body, "archived": False}})


def tried_on(work: UnitOfWork, table: DecisionDefinition, rules: Rulebook, search: str) -> Verdict:
    """On the first record that a list finds for the text, as far as this actor sees it. The table is sound."""
    found = list_records(work, RecordQuery(table.object, search=search, limit=1)).records
    if not found:
        raise NotFound("No record of that kind is found for this.")
    ref: RecordRef = found[0].ref
    record = get_record(work, ref, names=False)
    closed = work.closed(ref.object)
    values = {name: value for name, value in record.values.items() if name not in closed}
    inputs = RecordRules(work, work.definition(ref.object)).inputs(values, ref.id)
    words = Words(rules, partial(record_name, work))

    def said(rule: Rule) -> str:
        value = compile_rule(rule)(inputs)
        return "empty" if value is None else words.value(value, rule.type)

    columns = [check(each.rule, table.object, rules, expect=None) for each in table.inputs]
    rows = [check_tree(row_condition(table.inputs, row), table.object, rules) for row in table.rows]
    return Verdict(
        record=record.name,
        hits=tuple(compile_rule(row)(inputs) for row in rows),
        values=tuple((reading(column.tree, words), said(column)) for column in columns),
        outcome=said(check(f"decision('{table.name}')", table.object, rules, expect=None)),
    )
