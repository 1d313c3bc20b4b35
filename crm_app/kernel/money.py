"""An amount of one currency. Never a float."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Money:
    """`currency` is an ISO 4217 code. Amounts of different currencies are neither compared nor added."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
