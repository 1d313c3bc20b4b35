"""The same work in the best SQL a person would write, with psycopg: prepared statements, one connection, no checks of
permission or input. Writes leave the same rows behind: record, audit and outbox, in one durable transaction.
"""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg.types.json import Jsonb

from benchmarks.samples import Samples
from crm_app.kernel.ids import new_id

_FIELDS = (
    "id, version, name, stage, amount, amount__currency, company, contact, product, engage_date, close_date, "
    "external_id, notes, owner, created_at, created_by, updated_at, updated_by"
)
_LIST = f"""
SELECT {_FIELDS} FROM data.deal
WHERE deleted_at IS NULL AND stage = %s AND close_date >= %s ORDER BY close_date DESC, id DESC LIMIT 51
"""
_READ = """
SELECT d.*, c.*, u.* FROM data.deal d
LEFT JOIN data.company c ON c.id = d.company AND c.deleted_at IS NULL LEFT JOIN data."user" u ON u.id = d.owner
WHERE d.id = %s AND d.deleted_at IS NULL
"""
_AGGREGATE = """
SELECT stage, amount__currency, count(*), sum(amount) FROM data.deal WHERE deleted_at IS NULL
GROUP BY stage, amount__currency
"""
_SEARCH = """
SELECT id, name FROM data.company WHERE deleted_at IS NULL AND lower(name) LIKE %s ORDER BY lower(name), id LIMIT 9
"""
_EFFECTS = """
told AS (INSERT INTO crm.audit (id, at, name, object, record, version, actor, changes)
         SELECT %(audit)s, %(now)s, %(event)s, 'deal', %(id)s, 1, %(actor)s, %(body)s)
INSERT INTO crm.outbox (id, at, name, object, record, before, after, actor, depth)
SELECT %(outbox)s, %(now)s, %(event)s, 'deal', %(id)s, '{}', %(body)s, %(actor)s, 0
"""
_CREATE = f"""
WITH made AS (
  INSERT INTO data.deal (id, version, name, stage, amount, amount__currency, company, close_date, owner, created_at,
    created_by, updated_at, updated_by)
  VALUES (%(id)s, 1, %(name)s, %(stage)s, %(amount)s, 'USD', %(company)s, %(close_date)s, %(user)s, %(now)s, %(user)s,
    %(now)s, %(user)s)),
{_EFFECTS}
"""
_UPDATE = f"""
WITH made AS (UPDATE data.deal SET amount = %(amount)s, amount__currency = 'USD', version = version + 1,
  updated_at = %(now)s, updated_by = %(user)s WHERE id = %(id)s AND deleted_at IS NULL RETURNING version),
{_EFFECTS}
"""


class ByHand:
    def __init__(self, url: str, samples: Samples) -> None:
        self._connection = psycopg.connect(url, autocommit=True, prepare_threshold=1)
        self._samples = samples

    def close(self) -> None:
        self._connection.close()

    def operations(self) -> dict[str, Callable[[int], Any]]:
        return {
            "list": self.page,
            "read": self.read,
            "create": self.create,
            "update": self.update,
            "aggregate": self.aggregate,
            "search": self.search,
            "bulk": self.bulk,
        }

    def page(self, index: int) -> Any:
        return self._rows(_LIST, (self._samples.stage(index), self._samples.since(index)))

    def read(self, index: int) -> Any:
        return self._rows(_READ, (self._samples.deal(index),))

    def aggregate(self, _index: int) -> Any:
        return self._rows(_AGGREGATE, ())

    def search(self, index: int) -> Any:
        return self._rows(_SEARCH, (f"%{self._samples.words(index)}%",))

    def create(self, index: int) -> None:
        self._connection.execute(_CREATE, self._parameters(index, new_id(), "record.created"))

    def update(self, index: int) -> None:
        parameters = self._parameters(index, self._samples.deal(index), "record.updated")
        self._connection.execute(_UPDATE, {**parameters, "amount": Decimal(index % 70_000)})

    def bulk(self, index: int) -> None:
        """A thousand records, then their audit and outbox rows: three COPYs in one transaction."""
        rows = [self._parameters(index * 1_000 + at, new_id(), "record.created") for at in range(1_000)]
        with self._connection.transaction():
            self._copy(
                "data.deal (id, version, name, stage, amount, amount__currency, company, close_date, owner, "
                "created_at, created_by, updated_at, updated_by)",
                [
                    (
                        *(r["id"], 1, r["name"], r["stage"], r["amount"], "USD", r["company"], r["close_date"]),
                        *(r["user"], r["now"], r["user"], r["now"], r["user"]),
                    )
                    for r in rows
                ],
            )
            self._tell(rows)

    def import_lines(self, file: Path) -> None:
        """10,000 contacts whose company is found by its name."""
        now, user = datetime.now(UTC), self._samples.actor
        with file.open(newline="") as opened:
            lines = list(csv.DictReader(opened))
        with self._connection.transaction():
            wanted = list({line["company"].lower() for line in lines})
            found = dict(
                self._connection.execute(
                    "SELECT lower(name), min(id::text)::uuid FROM data.company WHERE lower(name) = ANY(%s) GROUP BY 1",
                    (wanted,),
                ).fetchall()
            )
            ids = [new_id() for _ in lines]
            self._copy(
                "data.contact (id, version, name, job_title, company, email, phone, role, owner, created_at, "
                "created_by, updated_at, updated_by)",
                [
                    (
                        *(i, 1, r["name"], r["job_title"], found.get(r["company"].lower()), r["email"], r["phone"]),
                        *(r["role"], user, now, user, now, user),
                    )
                    for i, r in zip(ids, lines, strict=True)
                ],
            )
            actor = orjson.dumps({"user": str(user)}).decode()
            self._copy(
                "crm.audit (id, at, name, object, record, version, actor, changes)",
                [
                    (new_id(), now, "record.created", "contact", i, 1, actor, orjson.dumps(r).decode())
                    for i, r in zip(ids, lines, strict=True)
                ],
            )

    def _rows(self, query: str, parameters: tuple[Any, ...]) -> Any:
        return self._connection.execute(query.encode(), parameters, prepare=True).fetchall()

    def _parameters(self, index: int, record_id: UUID, event: str) -> dict[str, Any]:
        values = self._samples.values(index)
        user = self._samples.actor
        return {
            **values,
            "amount": Decimal(values["amount"]),
            "company": UUID(values["company"]),
            "close_date": date.fromisoformat(values["close_date"]),
            "id": record_id,
            "audit": new_id(),
            "outbox": new_id(),
            "now": datetime.now(UTC),
            "user": user,
            "event": event,
            "actor": Jsonb({"user": str(user), "kind": "key"}),
            "body": Jsonb(values),
        }

    def _tell(self, rows: list[dict[str, Any]]) -> None:
        audits: list[tuple[Any, ...]] = []
        outbox: list[tuple[Any, ...]] = []
        for row in rows:
            actor, body = orjson.dumps(row["actor"].obj).decode(), orjson.dumps(row["body"].obj).decode()
            told = (row["now"], row["event"], "deal", row["id"])
            audits.append((row["audit"], *told, 1, actor, body))
            outbox.append((row["outbox"], *told, "{}", body, actor, 0))
        self._copy("crm.audit (id, at, name, object, record, version, actor, changes)", audits)
        self._copy("crm.outbox (id, at, name, object, record, before, after, actor, depth)", outbox)

    def _copy(self, target: str, rows: list[tuple[Any, ...]]) -> None:
        with self._connection.cursor().copy(f"COPY {target} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)
