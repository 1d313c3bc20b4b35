"""What a pipeline's stages add up to, as a person reads it."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from crm_app.definitions.field import FieldDefinition
from crm_app.kernel.money import Money
from crm_app.services.pipelines import StageStanding, Sums
from crm_app.services.processes import Process


def open_text(process: Process, found: Sequence[StageStanding]) -> str:
    """What is open, and what of it is to be expected."""
    if not process.pipeline.amount:
        return ""
    still_open = [each for each in found if each.stage.kind == "open"]
    sums, weighted = _added(each.sums for each in still_open), _added(each.weighted for each in still_open)
    return f"Open {money_text(process, sums)}, weighted {whole_text(process, weighted)}" if sums else ""


def _added(totals: Iterable[Sums]) -> Sums:
    found: dict[str, Decimal] = {}
    for total in totals:
        for unit, amount in total.items():
            found[unit] = found.get(unit, Decimal(0)) + amount
    return found


def money_text(process: Process, sums: Sums) -> str:
    return _money(process.definition.all_fields[process.pipeline.amount], sums) if sums else ""


def whole_text(process: Process, sums: Sums) -> str:
    """An estimate, without cents."""
    return money_text(process, {unit: total.quantize(Decimal(1)) for unit, total in sums.items()})


def _money(field: FieldDefinition, sums: Mapping[str, Any]) -> str:
    return " + ".join(field.text(Money(total, unit) if unit else total) for unit, total in sorted(sums.items()))
