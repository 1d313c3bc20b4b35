"""Runs one more automation worker beside a running Trellis, or for servers of your own."""

import os
from pathlib import Path

import click

from crm_app.runtime import programs
from crm_app.runtime.commands import _data
from crm_app.runtime.running import running_settings


@click.command(name="worker", help=__doc__)
@_data.option
def command(data: Path) -> None:
    program = programs.worker(running_settings(data))
    os.chdir(program.directory)
    os.execve(program.command[0], program.command, dict(program.environment))  # noqa: S606 - becomes the worker
