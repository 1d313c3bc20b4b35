"""A list's address carries everything that shapes it, so that a link shows the same list and a reload keeps it."""

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from crm_app.services.record_query import Condition, Sort

_MAX_CONDITIONS = 20
_MAX_START = 10_000_000
_CONDITION_PARTS = 3
_MAX_PAIRS = 100
_MAX_DIGITS = 9
_MAX_RULE = 4_000


@dataclass(frozen=True)
class ListAddress:
    """`after` is the page's cursor and `start` the number of its first record. Its own sort replaces
    the view's; its rule is asked in addition.
    """

    view: str = ""
    sort: Sort | None = None
    conditions: tuple[Condition, ...] = ()
    rule: str = ""
    search: str = ""
    after: str = ""
    start: int = 1
    pipeline: str = ""

    def query(self) -> str:
        """`?view=…&sort=-amount&f=stage:eq:won&q=…`, or nothing."""
        pairs: list[tuple[str, str]] = []
        if self.view:
            pairs.append(("view", self.view))
        if self.sort:
            pairs.append(("sort", f"-{self.sort.field}" if self.sort.descending else self.sort.field))
        pairs += [("f", f"{c.field}:{c.operator}:{c.value or ''}") for c in self.conditions]
        if self.rule:
            pairs.append(("where", self.rule))
        if self.search:
            pairs.append(("q", self.search))
        if self.pipeline:
            pairs.append(("pipeline", self.pipeline))
        if self.after:
            pairs += [("after", self.after), ("start", str(self.start))]
        return f"?{urlencode(pairs, safe=':')}" if pairs else ""

    def first_page(self) -> "ListAddress":
        return replace(self, after="", start=1)

    def at(self, cursor: str, start: int) -> "ListAddress":
        return replace(self, after=cursor, start=start) if cursor else self.first_page()

    def sorted_by(self, sort: Sort | None) -> "ListAddress":
        return replace(self.first_page(), sort=sort)

    def with_condition(self, condition: Condition) -> "ListAddress":
        kept = tuple(c for c in self.conditions if c != condition)
        return replace(self.first_page(), conditions=(*kept, condition)[-_MAX_CONDITIONS:])

    def without(self, condition: Condition) -> "ListAddress":
        return replace(self.first_page(), conditions=tuple(c for c in self.conditions if c != condition))

    def with_rule(self, rule: str) -> "ListAddress":
        return replace(self.first_page(), rule=rule.strip()[:_MAX_RULE])

    def searching(self, text: str) -> "ListAddress":
        return replace(self.first_page(), search=text)

    @property
    def list_key(self) -> str:
        """The same for all pages of one list."""
        return self.first_page().query()


def _condition(text: str) -> Condition | None:
    parts = text.split(":", _CONDITION_PARTS - 1)
    if len(parts) != _CONDITION_PARTS or not parts[0] or not parts[1]:
        return None
    return Condition(parts[0], parts[1], parts[2] or None)


def _sort(text: str) -> Sort | None:
    name = text.removeprefix("-")
    return Sort(name, descending=text.startswith("-")) if name else None


def _start(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
    return min(max(int(text), 1), _MAX_START) if is_number else 1


def pairs_of(query: str) -> list[tuple[str, str]]:
    """None of them where somebody sends very many."""
    text = query.removeprefix("?")
    return parse_qsl(text) if text.count("&") < _MAX_PAIRS else []


def parse_address(query: str) -> ListAddress:
    """Whatever is not understood is left out; field names and values are the services' to check."""
    pairs = pairs_of(query)
    single = dict(pairs)
    conditions = [_condition(value) for key, value in pairs if key == "f"]
    after = single.get("after", "")
    return ListAddress(
        view=single.get("view", ""),
        sort=_sort(single.get("sort", "")),
        conditions=tuple(c for c in conditions if c)[:_MAX_CONDITIONS],
        rule=single.get("where", "").strip()[:_MAX_RULE],
        search=single.get("q", "")[:200],
        after=after,
        start=_start(single.get("start", "")) if after else 1,
        pipeline=single.get("pipeline", "")[:50],
    )
