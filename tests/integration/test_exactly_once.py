"""The short form of `./trellis prove kills`: the whole product, on servers of its own, under a load of changes."""

from pathlib import Path

import pytest

from benchmarks.kills.proof import Proof, prove

pytestmark = pytest.mark.alone


@pytest.mark.slow
def test_whatever_is_killed_when_each_change_has_what_it_should_exactly_once(server_dir: Path) -> None:
    """Temporal's database is deleted half-way; every kind of automation is among the changes. The folder is one that no
    other run of the tests closes to the database's account, which has to start in it again.
    """
    folder = server_dir / "kills"
    folder.mkdir()
    report = prove(Proof(kills=8, events=60, workers=1, seed=5, pause=1.0, forget_temporal=True), folder)
    assert report["acknowledged"] == 60
    assert report["runs"] == 60
    assert (report["lost"], report["double"], report["first_wrong"], report["refused"]) == (0, 0, [], [])
    assert report["is_exact"]
    assert not report["is_stuck"], report
