"""The product decides as the reference model does, on every surface, in random worlds. `TRELLIS_DECISIONS=100000` asks
for more of them; `TRELLIS_WORLD=7` begins with one that failed.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import pytest

from tests.access.reference import Model
from tests.access.surfaces import Surfaces
from tests.access.worlds import build, package, random_world
from tests.builders import Crm

DECISIONS = int(os.environ.get("TRELLIS_DECISIONS", "2000"))
FIRST = int(os.environ.get("TRELLIS_WORLD", "1"))


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, package(random_world(Random(0))))  # noqa: S311 - the same worlds every time
    yield crm
    crm.close()


@pytest.mark.timeout(300 + DECISIONS // 10)
def test_every_decision_is_that_of_the_reference_model(
    crm: Crm, record_testsuite_property: Callable[[str, object], None]
) -> None:
    counted: Counter[str] = Counter()
    number = FIRST
    while counted.total() < DECISIONS:
        rng = Random(number)  # noqa: S311 - likewise
        world = random_world(rng)
        papers = build(crm, world)
        for each in Surfaces(crm, Model(world), papers, rng).all():
            counted[each.surface] += 1
            roles = [world.roles[name] for name in each.who.roles]
            assert each.found == each.expected, f"world {number}: {each} with {roles}"
        number += 1
    record_testsuite_property("decisions", f"{counted.total():,} in {number - FIRST} worlds: {dict(counted)}")
