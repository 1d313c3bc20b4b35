"""Whether lists run on an index: the statements that the services send, explained by PostgreSQL."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, event

from benchmarks.samples import Samples
from crm_app.kernel.actor import KeyActor
from crm_app.services.lists import list_records
from crm_app.services.record_query import Condition, RecordQuery, Sort
from crm_app.services.workspace import Workspace
from crm_app.storage.engine import opened_to_records


@dataclass(frozen=True)
class Plan:
    """`kind` is the node that reads the object's table; `milliseconds` is the server's own time."""

    label: str
    kind: str
    milliseconds: float

    def as_json(self) -> dict[str, Any]:
        return {"list": self.label, "reads_by": self.kind, "milliseconds": round(self.milliseconds, 2)}


def explain_lists(url: str, samples: Samples, admin: KeyActor, rep: KeyActor) -> list[Plan]:
    """The first page, a page far in, and what a member of one team sees."""
    stage, since = Condition("stage", "eq", "won"), Condition("close_date", "ge", "2025-03-01")
    newest, biggest = (Sort("close_date", descending=True),), (Sort("amount", descending=True),)
    queries = {
        "two filters, newest close date": RecordQuery("deal", (stage, since), sort=newest),
        "one filter, largest amount": RecordQuery("deal", (stage,), sort=biggest),
        "all, newest first": RecordQuery("deal"),
        "all, by name": RecordQuery("deal", sort=(Sort("name"),)),
        "of one owner": RecordQuery("deal", (Condition("owner", "eq", str(samples.actor)),)),
        "of one company": RecordQuery("deal", (Condition("company", "eq", str(samples.companies[0])),)),
        "with two names": RecordQuery("deal", (stage, since), sort=newest, fields=("name", "company", "owner")),
    }
    workspace = Workspace.open(url, pool_size=1)
    try:
        plans = [_explained(workspace, admin, label, query) for label, query in queries.items()]
        plans.append(_far_in(workspace, admin, queries["two filters, newest close date"]))
        plans.append(_explained(workspace, rep, "as a rep: two filters", queries["two filters, newest close date"]))
        plans.append(_explained(workspace, rep, "as a rep: all, newest first", queries["all, newest first"]))
        return plans
    finally:
        workspace.close()


def _far_in(workspace: Workspace, actor: KeyActor, query: RecordQuery) -> Plan:
    cursor = ""
    for _ in range(40):
        with workspace.work(actor) as work:
            page = list_records(work, replace(query, cursor=cursor))
        cursor = page.next_cursor or cursor
    return _explained(workspace, actor, "page 41 of two filters", replace(query, cursor=cursor))


def _explained(workspace: Workspace, actor: KeyActor, label: str, query: RecordQuery) -> Plan:
    caught: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if '"data"."deal"' in statement:
            caught.append((statement, parameters))

    event.listen(workspace.engine, "before_cursor_execute", note)
    try:
        with workspace.work(actor) as work:
            list_records(work, query)
    finally:
        event.remove(workspace.engine, "before_cursor_execute", note)
    with workspace.engine.connect() as connection:
        found = [_plan(opened_to_records(connection), *each) for each in caught]
    return Plan(label, " + ".join(dict.fromkeys(kind for kind, _ in found)), sum(time for _, time in found))


def _plan(connection: Connection, statement: str, parameters: Any) -> tuple[str, float]:
    explained = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).scalar_one()
    return _reader(explained[0]["Plan"]), explained[0]["Execution Time"]


def _reader(node: dict[str, Any]) -> str:
    if node.get("Relation Name") == "deal":
        return f"{node['Node Type']} {node.get('Index Name', '')}".strip()
    found = [name for child in node.get("Plans", ()) if (name := _reader(child))]
    sorted_here = "Sort over " if node["Node Type"] in ("Sort", "Incremental Sort") and found else ""
    return sorted_here + found[0] if found else ""
