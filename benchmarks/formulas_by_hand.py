"""The lists of `formulas.py` as a person would write them, for somebody who sees everything."""

_CHANCE = "CASE stage WHEN 'won' THEN 100 WHEN 'engaging' THEN 50 WHEN 'prospecting' THEN 10 ELSE 0 END"
_WEIGHTED = f"round(amount * {_CHANCE} / 100, 2)"
_DEALS = f"SELECT id, version, owner, name, stage, amount, amount__currency, {_WEIGHTED} AS weighted FROM data.deal"
_BIG = f"{_WEIGHTED} > 30000 AND amount__currency = 'USD'"

_OPEN = "stage IN ('prospecting', 'engaging')"
_WON = "stage = 'won'"


def _amount(where: str = "true") -> tuple[str, str]:
    """The sum of the amounts for which it holds where they have one currency, and that currency."""
    only = f"FILTER (WHERE {where} AND amount IS NOT NULL)"
    least, greatest = f"min(amount__currency) {only}", f"max(amount__currency) {only}"
    return f"CASE WHEN {least} = {greatest} THEN sum(amount) {only} END", least


def _summed(name: str, where: str) -> str:
    """A table of sums by company."""
    amount, currency = _amount()
    return (
        f"(SELECT company, {amount} AS {name}, {currency} AS currency FROM data.deal "
        f"WHERE deleted_at IS NULL AND {where} GROUP BY company)"
    )


def _three_of(page: str) -> str:
    """A page of companies with their rollups."""
    opened, won = _amount(_OPEN), _amount(_WON)
    return (
        f"WITH page AS ({page}) SELECT page.*, r.* FROM page CROSS JOIN LATERAL (SELECT {opened[0]} AS open_pipeline, "
        f"{opened[1]} AS open_currency, {won[0]} AS won_amount, {won[1]} AS won_currency, "
        f"count(*) FILTER (WHERE {_WON}) AS deals_won FROM data.deal "
        "WHERE company = page.id AND deleted_at IS NULL) r"
    )


_COMPANIES = "SELECT c.id, c.version, c.owner, c.name"

HAND = {
    "deals by weighted amount": (
        f"{_DEALS} WHERE deleted_at IS NULL ORDER BY weighted DESC NULLS LAST, id DESC LIMIT 51"
    ),
    "deals of a big weighted amount, biggest first": (
        f"{_DEALS} WHERE deleted_at IS NULL AND {_BIG} ORDER BY weighted DESC, id DESC LIMIT 51"
    ),
    "deals of a big weighted amount, newest first": (
        f"{_DEALS} WHERE deleted_at IS NULL AND {_BIG} ORDER BY created_at DESC, id DESC LIMIT 51"
    ),
    "companies with three rollups": _three_of(
        f"{_COMPANIES}, c.created_at FROM data.company c WHERE c.deleted_at IS NULL "
        "ORDER BY c.created_at DESC, c.id DESC LIMIT 51"
    )
    + " ORDER BY page.created_at DESC, page.id DESC",
    "companies by open pipeline": (
        f"{_COMPANIES}, r.open_pipeline, r.currency FROM data.company c "
        f"LEFT JOIN {_summed('open_pipeline', _OPEN)} r ON r.company = c.id WHERE c.deleted_at IS NULL "
        "ORDER BY r.open_pipeline DESC NULLS LAST, c.id DESC LIMIT 51"
    ),
    "companies by deals won, with three rollups": _three_of(
        f"{_COMPANIES}, coalesce(r.number, 0) AS number FROM data.company c LEFT JOIN (SELECT company, "
        f"count(*) AS number FROM data.deal WHERE deleted_at IS NULL AND {_WON} GROUP BY company) r "
        "ON r.company = c.id WHERE c.deleted_at IS NULL ORDER BY number DESC, c.id DESC LIMIT 51"
    )
    + " ORDER BY page.number DESC, page.id DESC",
    "companies of much won, newest first": (
        f"{_COMPANIES}, r.won_amount, r.currency FROM data.company c CROSS JOIN LATERAL (SELECT {_amount()[0]} AS "
        f"won_amount, {_amount()[1]} AS currency FROM data.deal WHERE company = c.id AND deleted_at IS NULL "
        f"AND {_WON}) r WHERE c.deleted_at IS NULL AND r.won_amount > 100000 AND r.currency = 'USD' "
        "ORDER BY c.created_at DESC, c.id DESC LIMIT 51"
    ),
    "companies of much won, by open pipeline": (
        f"{_COMPANIES}, w.won_amount, w.currency, r.open_pipeline, r.currency FROM data.company c "
        f"JOIN {_summed('won_amount', _WON)} w ON w.company = c.id "
        f"LEFT JOIN {_summed('open_pipeline', _OPEN)} r ON r.company = c.id "
        "WHERE c.deleted_at IS NULL AND w.won_amount > 100000 AND w.currency = 'USD' "
        "ORDER BY r.open_pipeline DESC NULLS LAST, c.id DESC LIMIT 51"
    ),
}
