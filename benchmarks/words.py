"""What the generated records are called; the words themselves are in `words.json`."""

import json
from pathlib import Path
from typing import Any

_WORDS: dict[str, list[Any]] = json.loads(Path(__file__).with_suffix(".json").read_text())


def _texts(name: str) -> tuple[str, ...]:
    return tuple(map(str, _WORDS[name]))


FIRST, SECOND, KINDS = _texts("first"), _texts("second"), _texts("kinds")
SECTORS = _texts("sectors")
CITIES = tuple((str(country), str(city)) for country, city in _WORDS["cities"])
GIVEN, FAMILY, TITLES, ROLES = _texts("given"), _texts("family"), _texts("titles"), _texts("roles")
PRODUCTS, DEALS = _texts("products"), _texts("deals")
