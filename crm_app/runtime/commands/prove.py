"""Kills parts of the product at random while it works, and counts what is lost or double: nothing."""

import subprocess
import sys

import click

from crm_app.runtime.data_dir import CHECKOUT


@click.group(name="prove", help=__doc__)
def command() -> None:
    """Each proof is a program of its own among the benchmarks."""


@command.command(name="kills", help="On servers and data of its own; yours are not touched.")
@click.option("--kills", type=click.IntRange(1), default=50, show_default=True, help="How many `kill -9`.")
@click.option("--events", type=click.IntRange(1), default=500, show_default=True, help="Deals that are won meanwhile.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Another one kills others at other moments.")
@click.option("--lose-temporal", is_flag=True, help="Also delete Temporal's database half-way.")
def kills(**given: int) -> None:
    told = [part for name, value in given.items() for part in _option(name, value)]
    done = subprocess.run([sys.executable, "-m", "benchmarks.kills", *told], cwd=CHECKOUT, check=False)
    sys.exit(done.returncode)


def _option(name: str, value: int) -> list[str]:
    flag = f"--{name.replace('_', '-')}"
    return ([flag] if value else []) if isinstance(value, bool) else [flag, str(value)]
