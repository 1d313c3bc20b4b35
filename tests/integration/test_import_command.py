"""`./trellis import`, as a person types it."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crm_app.kernel.errors import NotFound
from crm_app.runtime.cli import trellis
from crm_app.services.prepare import prepare_workspace
from crm_app.services.workspace import Workspace

DATA = Path(__file__).parents[1] / "data" / "sales"


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Run":
    monkeypatch.setenv("DATABASE_URL", database_url)
    workspace = Workspace.open(database_url, pool_size=1)
    prepare_workspace(workspace)
    workspace.close()
    return Run(tmp_path)


class Run:
    def __init__(self, data: Path) -> None:
        self.data = data

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(trellis, ["import", *arguments, "--data", str(self.data)])


def test_it_says_what_it_did_and_writes_the_whole_report(run: Run) -> None:
    result = run(str(DATA), "--mapping", "maven")
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.output.splitlines()]
    assert ["sales_pipeline.csv", "5", "0", "0", "0", "1", "0"] in lines
    assert "1 x product: GTXPro → GTX Pro" in result.output
    (report,) = (run.data / "imports").iterdir()
    assert str(report) in result.output
    with report.open(newline="") as file:
        assert [row["file"] for row in csv.DictReader(file)] == ["accounts.csv", "accounts.csv", "sales_pipeline.csv"]


def test_a_second_run_says_that_nothing_changed(run: Run) -> None:
    run(str(DATA), "--mapping", "maven")
    lines = [line.split() for line in run(str(DATA), "--mapping", "maven").output.splitlines()]
    assert ["sales_pipeline.csv", "0", "0", "5", "0", "1", "0"] in lines


def test_the_report_goes_where_it_should(run: Run) -> None:
    target = run.data / "mine.csv"
    run(str(DATA / "products.csv"), "--mapping", "maven", "--report", str(target))
    assert target.read_text().startswith("file,line,outcome")


def test_a_mapping_that_does_not_exist_is_one_sentence(run: Run) -> None:
    result = run(str(DATA), "--mapping", "nothing")
    assert isinstance(result.exception, NotFound)
    assert "Known: maven" in result.exception.message
