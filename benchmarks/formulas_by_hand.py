"""The lists of `formulas.py` as a person would write them. Nobody checks who asks, and every amount is known to be in one
currency only where the sum of it says so.
"""

_CHANCE = "CASE stage WHEN 'won' THEN 100 WHEN 'engaging' THEN 50 WHEN 'prospecting' THEN 10 ELSE 0 END"
_WEIGHTED = f"round(amount * {_CHANCE} / 100, 2)"
_DEAL = f"id, version, owner, name, stage, amount, amount__currency, {_WEIGHTED} AS weighted"
_BIG = f"{_WEIGHTED} > 30000 AND amount__currency = 'USD'"

_OPEN = "stage IN ('prospecting', 'engaging')"
_ONE_CURRENCY = "CASE WHEN min({0}amount__currency) = max({0}amount__currency) THEN sum({0}amount) END"


def _money(alone_where: str) -> str:
    """The sum of the amounts for which it holds, and their currency."""
    currency = f"amount__currency) FILTER (WHERE {alone_where})"
    same = f"min({currency} = max({currency}"
    return (
        f"CASE WHEN {same} THEN sum(amount) FILTER (WHERE {alone_where}) END, "
        f"CASE WHEN {same} THEN min({currency} END"
    )


_THREE = f"{_money(_OPEN)}, {_money(chr(115) + "tage = 'won'")}, count(*) FILTER (WHERE stage = 'won')"
