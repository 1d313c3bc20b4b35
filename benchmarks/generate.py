"""A big workspace from a seed: companies, contacts, deals, people in teams. The same seed gives the same records."""

import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg
from psycopg import sql

from benchmarks import words

START = datetime(2024, 7, 1, tzinfo=UTC)
SPAN_DAYS = 540
PEOPLE = 40
TEAMS = 8
CHUNK = 5_000
STAGES = ("prospecting", "engaging", "won", "lost")
WEIGHTS = (10, 25, 40, 25)


@dataclass(frozen=True)
class Sizes:
    companies: int = 100_000
    contacts: int = 300_000
    deals: int = 300_000


FULL = Sizes()
MILLION = Sizes(deals=1_000_000)
QUICK = Sizes(companies=5_000, contacts=10_000, deals=20_000)


@dataclass(frozen=True)
class People:
    """User ids; the first is the administrator that the benchmark acts as."""

    admin: UUID
    reps: Sequence[UUID]


class Generator:
    """Writes rows as COPY text, because formatting them is most of the work."""

    def __init__(self, connection: psycopg.Connection, sizes: Sizes, people: People, seed: int = 1) -> None:
        self._connection = connection
        self._sizes = sizes
        self._people = people
        self._random = random.Random(seed)

    def run(self) -> None:
        companies = [self._id(START) for _ in range(self._sizes.companies)]
        contacts = [self._id(START) for _ in range(self._sizes.contacts)]
        self._copy(
            "company", "name,sector,country,city,employees,revenue,revenue__currency", self._companies(companies)
        )
        self._copy("contact", "name,job_title,company,email,phone,role", self._contacts(contacts, companies))
        columns = "name,stage,amount,amount__currency,company,contact,engage_date,close_date,external_id"
        self._copy("deal", columns, self._deals(companies, contacts))
        self._connection.autocommit = True
        self._connection.execute("VACUUM ANALYZE")

    def _copy(self, table: str, columns: str, lines: Iterator[str]) -> None:
        """Indexes are dropped before and made again after: a third of the time of keeping them up to date."""
        started = time.monotonic()
        query = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'data' AND tablename = %s"
        indexes = [row for row in self._connection.execute(query, (table,)) if not row[0].endswith("_pkey")]
        for name, _ in indexes:
            self._connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier("data", name)))
        names = ("id", "version", "owner", "created_at", "created_by", "updated_at", "updated_by", *columns.split(","))
        command = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier("data", table), sql.SQL(",").join(map(sql.Identifier, names))
        )
        with self._connection.cursor().copy(command) as copy:
            for chunk in _chunks(lines):
                copy.write(chunk)
        for _, definition in indexes:
            self._connection.execute(definition)
        self._connection.commit()
        print(f"  {table}: {time.monotonic() - started:.1f} s", file=sys.stderr)

    def _companies(self, ids: Sequence[UUID]) -> Iterator[str]:
        pick = self._random.choice
        for record_id in ids:
            name = f"{pick(words.FIRST)} {pick(words.SECOND)} {pick(words.KINDS)}"
            country, city = pick(words.CITIES)
            yield (
                f"{self._system(record_id, START)}\t{name}\t{pick(words.SECTORS)}\t{country}\t{city}\t"
                f"{self._random.randrange(5, 9_000)}\t{self._random.randrange(1, 900)}00000.00\tUSD\n"
            )

    def _contacts(self, ids: Sequence[UUID], companies: Sequence[UUID]) -> Iterator[str]:
        pick = self._random.choice
        for number, record_id in enumerate(ids):
            first, last = pick(words.GIVEN), pick(words.FAMILY)
            yield (
                f"{self._system(record_id, START)}\t{first} {last}\t{pick(words.TITLES)}\t{pick(companies)}\t"
                f"{first.lower()}.{last.lower()}.{number}@example.com\t+1 555 {number:07}\t{pick(words.ROLES)}\n"
            )

    def _deals(self, companies: Sequence[UUID], contacts: Sequence[UUID]) -> Iterator[str]:
        pick = self._random.choice
        for number in range(self._sizes.deals):
            created = START + timedelta(seconds=number * SPAN_DAYS * 86_400 / self._sizes.deals)
            stage = self._random.choices(STAGES, WEIGHTS)[0]
            amount = "\\N" if stage == "prospecting" else f"{self._random.randrange(50, 90_000)}.00"
            currency = "\\N" if amount == "\\N" else "USD"
            close = self._day(created, 120)
            name = f"{pick(words.FIRST)} {pick(words.PRODUCTS)} {pick(words.DEALS)}"
            company = "\\N" if number % 6 == 0 else pick(companies)
            yield (
                f"{self._system(self._id(created), created)}\t{name}\t{stage}\t{amount}\t{currency}\t{company}\t"
                f"{pick(contacts)}\t{created.date()}\t{close}\tB{number:08}\n"
            )

    def _day(self, after: datetime, within_days: int) -> date:
        return after.date() + timedelta(days=self._random.randrange(1, within_days))

    def _system(self, record_id: UUID, at: datetime) -> str:
        """id, version, owner, and who and when."""
        owner = self._random.choice(self._people.reps)
        moment = at.isoformat()
        return f"{record_id}\t1\t{owner}\t{moment}\t{owner}\t{moment}\t{owner}"

    def _id(self, at: datetime) -> UUID:
        """A UUIDv7 of that moment with the seed's random bits."""
        milliseconds = int(at.timestamp() * 1000)
        value = milliseconds << 80 | 0x7 << 76 | self._random.getrandbits(12) << 64 | 0b10 << 62
        return UUID(int=value | self._random.getrandbits(62))


def _chunks(lines: Iterator[str]) -> Iterator[str]:
    held: list[str] = []
    for line in lines:
        held.append(line)
        if len(held) == CHUNK:
            yield "".join(held)
            held.clear()
    yield "".join(held)
