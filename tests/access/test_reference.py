"""The product decides as the reference model does, on every surface, in random worlds. `TRELLIS_DECISIONS=100000` asks
for more of them; `TRELLIS_WORLD=7` begins with one that failed.
"""

import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from random import Random

import pytest

from tests.access.automating import Automating, Hook, connect, listening
from tests.access.building import build
from tests.access.decisions import Decision
from tests.access.importing import Importing
from tests.access.reading import Reading
from tests.access.reference import Model
from tests.access.screens import Screens
from tests.access.worlds import package, random_world
from tests.access.writing import Writing
from tests.builders import Crm

DECISIONS = int(os.environ.get("TRELLIS_DECISIONS", "2000"))
FIRST = int(os.environ.get("TRELLIS_WORLD", "1"))


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, package(random_world(Random(0))))  # noqa: S311 - the same worlds every time
    yield crm
    crm.close()


@pytest.fixture
def hook(crm: Crm) -> Iterator[Hook]:
    with listening() as hook:
        connect(crm, hook)
        yield hook


async def decisions(crm: Crm, hook: Hook, number: int) -> AsyncIterator[Decision]:
    rng = Random(number)  # noqa: S311 - likewise
    world = random_world(rng)
    papers, model = build(crm, world), Model(world)
    both = (crm, model, papers, rng)
    for surfaces in (Reading(*both), Importing(*both), Automating(*both, hook)):
        for each in surfaces.decisions():
            yield each
    async for each in Screens(*both).decisions():
        yield each
    for each in Writing(*both).decisions():
        yield each


@pytest.mark.timeout(300 + DECISIONS // 10)
async def test_every_decision_is_that_of_the_reference_model(
    crm: Crm, hook: Hook, record_testsuite_property: Callable[[str, object], None]
) -> None:
    counted: Counter[str] = Counter()
    number = FIRST
    while counted.total() < DECISIONS:
        found = [each async for each in decisions(crm, hook, number)]
        counted.update(each.surface for each in found)
        different = [each for each in found if each.found != each.expected]
        assert not different, f"world {number}, {len(different)}: " + "\n".join(map(str, different[:9]))
        number += 1
    record_testsuite_property("decisions", f"{counted.total():,} in {number - FIRST} worlds: {dict(counted)}")
