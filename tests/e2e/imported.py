"""A Trellis without demo data, into which a company imported what it had: the real files where they are on this
machine, else the made-up ones.
"""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from crm_app.kernel.actor import SystemActor
from crm_app.runtime.data_dir import CHECKOUT
from crm_app.services.accounts import add_user
from tests.conftest import RunningTrellis
from tests.e2e.desk import workspace_of
from tests.e2e.people import Person

PASSWORD = "let-me-in-please"


@dataclass(frozen=True)
class Books:
    """What must be found after the import. `words` are part of some names; `rep` is one of the agents."""

    folder: Path
    total: int
    stages: dict[str, int]
    won_sum: int
    words: str
    rep: Person


REAL = Books(
    folder=CHECKOUT.parent / "shared" / "data" / "maven-crm",
    total=8800,
    stages={"prospecting": 500, "engaging": 1589, "won": 4238, "lost": 2473},
    won_sum=10_005_534,
    words="MG Special",
    rep=Person("Moses Frase", "moses.frase@example.com", PASSWORD),
)
MADE_UP = Books(
    folder=CHECKOUT / "tests" / "data" / "sales",
    total=5,
    stages={"prospecting": 1, "engaging": 1, "won": 2, "lost": 1},
    won_sum=5_568,
    words="GTX",
    rep=Person("Nora Quill", "nora.quill@example.com", PASSWORD),
)
BOOKS = REAL if REAL.folder.is_dir() else MADE_UP


def run(site: RunningTrellis, *arguments: str) -> str:
    """A command beside the running site, as a person types it; returns what it prints."""
    command = [sys.executable, "-m", "crm_app", *arguments, "--data", str(site.data.path)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def import_books(site: RunningTrellis) -> None:
    """The rep has an account already, so that somebody else than the administrator can log in."""
    with workspace_of(site) as workspace, workspace.work(SystemActor("test")) as work:
        add_user(work, BOOKS.rep.label, BOOKS.rep.email, roles=["sales_rep"], password=BOOKS.rep.password)
    said = run(site, "import", str(BOOKS.folder), "--mapping", "maven")
    assert re.search(rf"sales_pipeline\.csv +{BOOKS.total:,} +0 +0 +0 ", said), said
