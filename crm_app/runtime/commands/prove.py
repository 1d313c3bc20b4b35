"""Kills parts of the product at random while it works, and counts what is lost or double: nothing."""

import subprocess
import sys
from pathlib import Path

import click

from crm_app.runtime.data_dir import CHECKOUT

_FOLDER = click.Path(path_type=Path, resolve_path=True)


@click.group(name="prove", help=__doc__)
def command() -> None:
    """Each proof is a program of its own among the benchmarks."""


@command.command(name="kills", help="On servers and data of its own; yours are not touched.")
@click.option("--kills", type=click.IntRange(1), default=50, show_default=True, help="How many `kill -9`.")
@click.option("--events", type=click.IntRange(1), default=200, show_default=True, help="Changes that come meanwhile.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Another one kills others at other moments.")
@click.option("--pause", type=click.FloatRange(0.1), default=2.25, show_default=True, help="Seconds between two kills.")
@click.option("--forget-temporal", is_flag=True, help="Also delete Temporal's database half-way.")
@click.option("--folder", type=_FOLDER, help="Keeps everything there; the same command goes on where it stopped.")
@click.option("--json", type=_FOLDER, help="Where the report is written as JSON, too.")
def kills(**given: float | Path | None) -> None:
    told = [part for name, value in given.items() for part in _option(name, value)]
    done = subprocess.run([sys.executable, "-m", "benchmarks.kills", *told], cwd=CHECKOUT, check=False)
    sys.exit(done.returncode)


def _option(name: str, value: float | Path | None) -> list[str]:
    flag = f"--{name.replace('_', '-')}"
    if value is None:
        return []
    return ([flag] if value else []) if isinstance(value, bool) else [flag, str(value)]
