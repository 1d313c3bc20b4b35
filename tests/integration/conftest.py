"""What is collected here depends on the machine: the real CRM files and other rule languages' cases stay outside."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.builders import WON, Automated, automation

REAL_FILES = Path(__file__).resolve().parents[3] / "shared" / "data" / "maven-crm"

CASES = REAL_FILES.parents[1] / "conformance"

collect_ignore = [
    *([] if REAL_FILES.is_dir() else ["test_import_real.py"]),
    *([] if CASES.is_dir() else ["test_conformance.py"]),
]


def pytest_report_header() -> str:
    where = "with" if REAL_FILES.is_dir() else "without (made-up files of the same shape are used)"
    return f"real CRM files: {where}"


Make = Callable[..., Automated]


@pytest.fixture
def make_with(database_url: str) -> Iterator[Make]:
    """`make_with(*automations)` is a workspace with these."""
    made: list[Automated] = []

    def build(*automations: dict[str, Any]) -> Automated:
        made.append(Automated(database_url, *automations))
        return made[-1]

    yield build
    for crm in made:
        crm.close()


@pytest.fixture
def make(make_with: Make) -> Make:
    """`make(*steps)` is a workspace with one automation, which a deal's victory sets off."""
    return lambda *steps: make_with(automation("won", WON, *steps))
