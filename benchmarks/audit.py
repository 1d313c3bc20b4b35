"""`python -m benchmarks.audit`: the audit at a million entries: pages, searches, an export, and the past of a field."""

import argparse
import statistics
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.access import database, seconds_of
from benchmarks.access_scene import filled
from benchmarks.generate import FULL, QUICK
from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.kernel.events import RecordRef
from crm_app.services.accounts import add_user, find_user
from crm_app.services.audit_log import AuditQuery, every_entry, known_actions, read_audit
from crm_app.services.field_history import field_history
from crm_app.services.workspace import Workspace

ENTRIES, ROUNDS, EXPORTED = 1_000_000, 15, 10_000
_ADMIN = "auditor@example.com"
_FILL = """
INSERT INTO crm.audit (id, at, name, object, record, version, actor, changes, reason)
SELECT (lpad(to_hex((extract(epoch FROM made.at) * 1000)::bigint), 12, '0') || '7'
        || substr(md5(made.number::text), 1, 3) || '8' || substr(md5(made.number::text), 4, 15))::uuid,
       made.at, 'record.updated', 'deal', deal.id, 2 + made.turn, jsonb_build_object('kind', 'user', 'user', deal.owner,
       'name', 'Rep'), jsonb_build_object('amount', jsonb_build_array(made.number, made.number + 1),
       'name', jsonb_build_array('Deal ' || made.number, 'Deal ' || made.number + 1)), ''
FROM (SELECT number, number %% %(turns)s AS turn, number / %(turns)s AS place,
             now() - (%(entries)s - number) * interval '30 seconds' AS at
      FROM generate_series(1, %(entries)s) AS number) AS made
JOIN (SELECT id, owner, row_number() OVER (ORDER BY id) AS place FROM data.deal) AS deal USING (place)
"""
_SIZE = "SELECT count(*) || ' entries, ' || pg_size_pretty(pg_total_relation_size('crm.audit')) FROM crm.audit"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("--data", type=Path, help="keep the generated workspace here and use it again")
    parser.add_argument("--quick", action="store_true", help="20,000 deals and 60,000 entries")
    arguments = parser.parse_args()
    with database(arguments.data) as server:
        workspace, _ = filled(server, QUICK if arguments.quick else FULL)
        try:
            _fill(server.owner_url, 60_000 if arguments.quick else ENTRIES)
            _measure(workspace, _auditor(workspace))
        finally:
            workspace.close()


def _fill(owner_url: str, entries: int) -> None:
    with psycopg.connect(owner_url, autocommit=True, options="-c synchronous_commit=off") as connection:
        row = connection.execute("SELECT count(*), count(DISTINCT record) FROM crm.audit").fetchone()
        assert row
        if row[0] < entries:
            deals = connection.execute("SELECT count(*) FROM data.deal").fetchone()
            assert deals
            connection.execute(_FILL, {"entries": entries, "turns": -(-entries // deals[0]) + 1})
            connection.execute("VACUUM ANALYZE crm.audit")
        print(
            connection.execute(
                "SELECT count(*) || ' entries, ' || pg_size_pretty(pg_total_relation_size('crm.audit')) FROM crm.audit"
            ).fetchone()
        )


def _auditor(workspace: Workspace) -> UserActor:
    with workspace.work(SystemActor("benchmark")) as work:
        return UserActor(find_user(work, _ADMIN) or add_user(work, "Auditor", _ADMIN, roles=["admin"]))


def _measure(workspace: Workspace, actor: UserActor) -> None:
    with workspace.reading(actor) as work:
        newest = read_audit(work, AuditQuery(object="deal", limit=50))
        oldest = next(entry for entry in every_entry(work, AuditQuery(object="deal")) if entry.record)
        middle = newest.entries[-1]
    record = oldest.record
    assert record
    queries: dict[str, AuditQuery] = {
        "newest page": AuditQuery(limit=50),
        "next page": AuditQuery(limit=50, after=middle.id),
        "one object": AuditQuery(object="deal", limit=50),
        "one kind that is rare": AuditQuery(name="role.given", limit=50),
        "one person": AuditQuery(who="rep3@example.com", limit=50),
        "one record": AuditQuery(object="deal", record=record, limit=50),
        "a day of last year": AuditQuery(since=middle.at.replace(month=3), until=middle.at.replace(month=4), limit=50),
        "text that is common": AuditQuery(text="Deal 9", limit=50),
        "text that is nowhere": AuditQuery(text="nowhere at all", limit=50),
    }

    def read(query: AuditQuery) -> Any:
        with workspace.reading(actor) as work:
            return read_audit(work, query)

    def history() -> Any:
        with workspace.reading(actor) as work:
            return field_history(work, RecordRef("deal", record), "amount")

    def exported() -> int:
        with workspace.reading(actor) as work:
            return sum(1 for _, _ in zip(range(EXPORTED), every_entry(work, AuditQuery()), strict=False))

    def names() -> Any:
        with workspace.reading(actor) as work:
            return known_actions(work)

    for label, query in queries.items():
        _say(label, [seconds_of(lambda query=query: read(query)) for _ in range(ROUNDS)])
    _say("past of a field", [seconds_of(history) for _ in range(ROUNDS)])
    _say("kinds of entries", [seconds_of(names) for _ in range(ROUNDS)])
    _say(f"{EXPORTED:,} exported", [seconds_of(exported) for _ in range(3)])


def _say(label: str, seconds: list[float]) -> None:
    print(f"{label:24} {statistics.median(seconds) * 1000:8.1f} ms median, {min(seconds) * 1000:8.1f} best")


if __name__ == "__main__":
    main()
