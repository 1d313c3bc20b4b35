"""Checks each part and says what to do about it."""

import sys
from pathlib import Path

import click

from crm_app.runtime.commands import _data
from crm_app.runtime.diagnosis import diagnose


@click.command(name="doctor", help=__doc__)
@_data.option
def command(data: Path) -> None:
    is_broken = False
    for finding in diagnose(data):
        is_broken = is_broken or finding.is_broken
        click.echo(f"{'BROKEN' if finding.is_broken else 'ok':<7} {finding.part:<18} {finding.message}")
    sys.exit(1 if is_broken else 0)
