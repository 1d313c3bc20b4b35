"""Runs one more automation worker beside a running Trellis, or for servers of your own."""

import asyncio
import os
from pathlib import Path

import click

from crm_app.kernel.settings import Settings
from crm_app.runtime import programs
from crm_app.runtime.commands import _data
from crm_app.runtime.running import running_settings
from crm_app.runtime.temporal import check_own_server


@click.command(name="worker", help=__doc__)
@_data.option
def command(data: Path) -> None:
    settings = running_settings(data)
    if Settings.from_environment().temporal_address:
        asyncio.run(check_own_server(settings))
    program = programs.worker(settings)
    os.chdir(program.directory)
    os.execve(program.command[0], program.command, dict(program.environment))  # noqa: S606 - becomes the worker
