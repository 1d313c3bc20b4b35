from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.builders import WON, Automated, automation
from tests.workflows.engine import Engine, engine

Running = Callable[..., AbstractAsyncContextManager[Engine]]


@pytest.fixture
def running(database_url: str, temporal_address: str, tmp_path: Path) -> Iterator[Running]:
    """`running(*steps)` is the engine with one automation, which a deal's victory sets off."""
    made: list[Automated] = []

    def build(*steps: dict[str, Any], **more: Any) -> AbstractAsyncContextManager[Engine]:
        made.append(Automated(database_url, automation("won", WON, *steps, **more)))
        return engine(made[-1], temporal_address, tmp_path.name)

    yield build
    for crm in made:
        crm.close()
