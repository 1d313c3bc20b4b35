"""Which records and values the operations use: drawn once from the workspace, with a fixed seed, the same for all."""

import random
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from benchmarks import words

NUMBER = 2_000


@dataclass(frozen=True)
class Samples:
    deals: list[UUID]
    companies: list[UUID]
    actor: UUID

    def deal(self, index: int) -> UUID:
        return self.deals[index % len(self.deals)]

    def stage(self, index: int) -> str:
        return ("won", "engaging", "lost")[index % 3]

    def since(self, index: int) -> str:
        """The filters differ from one request to the next, so that nothing can be answered from memory alone."""
        return f"2025-{index % 9 + 1:02}-{index % 28 + 1:02}"

    def words(self, index: int) -> str:
        return f"{words.FIRST[index % len(words.FIRST)]} {words.SECOND[index * 7 % len(words.SECOND)]}".lower()

    def values(self, index: int) -> dict[str, Any]:
        return {
            "name": f"Benchmark deal {index}",
            "stage": self.stage(index),
            "amount": f"{index % 90_000 + 1}.50",
            "company": str(self.companies[index % len(self.companies)]),
            "close_date": f"2026-{index % 12 + 1:02}-{index % 28 + 1:02}",
        }


def draw(url: str, email: str) -> Samples:
    with psycopg.connect(url) as connection:
        deals = [row[0] for row in connection.execute("SELECT id FROM data.deal ORDER BY external_id LIMIT 60000")]
        companies = [row[0] for row in connection.execute("SELECT id FROM data.company ORDER BY id LIMIT 20000")]
        actor = connection.execute("SELECT id FROM crm.app_user WHERE email = %s", (email,)).fetchone()
    assert actor is not None
    dice = random.Random(7)
    return Samples(dice.sample(deals, min(NUMBER, len(deals))), dice.sample(companies, NUMBER), actor[0])
