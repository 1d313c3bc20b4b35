"""Starts everything and keeps it running until Ctrl-C."""

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crm_app.kernel.errors import TrellisError
from crm_app.kernel.settings import DEFAULT_PORT, Settings
from crm_app.runtime.commands import _data
from crm_app.runtime.data_dir import claimed
from crm_app.runtime.progress import Display
from crm_app.runtime.start import Plan, Start
from crm_app.runtime.supervisor import Supervisor

if TYPE_CHECKING:
    from crm_app.runtime.ready import Ready

_CHECK_SECONDS = 0.2
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command(name="up", help=__doc__)
@_data.option
@click.option("--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True)
@click.option("--no-demo", is_flag=True, help="Start with an empty workspace.")
def command(data: Path, port: int, no_demo: bool) -> None:
    display = Display()
    with claimed(data) as folder:
        plan = Plan(folder, Settings.from_environment(), port, demo=not no_demo)
        asyncio.run(_run(plan, display))


async def _run(plan: Plan, display: Display) -> None:
    """Starts, watches and, whatever happens, stops every child."""
    supervisor = Supervisor(plan.data.logs, display.say, plan.data.write_pids)
    work = asyncio.create_task(_start_and_watch(plan, supervisor, display))
    loop = asyncio.get_running_loop()
    stop_signals = [number for number in _STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    for number in stop_signals:
        loop.add_signal_handler(number, work.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await work
        display.say("Stopping …")
    except* (TrellisError, OSError) as failures:
        raise _first(failures) from None
    finally:
        for number in stop_signals:
            loop.add_signal_handler(number, _already_stopping)
        killed = supervisor.stop_all()
        if killed:
            display.say(f"Had to be killed: {', '.join(killed)}. Their logs are in {plan.data.logs}.")
    display.say("Stopped. Your data is kept.")


async def _start_and_watch(plan: Plan, supervisor: Supervisor, display: Display) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_watch(supervisor))
        with display.shown():
            workspace = await Start(plan, supervisor, display).run()
        _say_where(plan, workspace, display)


async def _watch(supervisor: Supervisor) -> None:
    while True:
        supervisor.check()
        await asyncio.sleep(_CHECK_SECONDS)


def _say_where(plan: Plan, workspace: "Ready", display: Display) -> None:
    address = f"http://localhost:{plan.port}"
    display.say(f"\nTrellis is ready: {address}   (Ctrl-C stops it)")
    first = f"{address}/first?token={workspace.first_link}" if workspace.first_link else ""
    plan.data.keep_first_link(first)
    if first:
        display.say(f"  Make the first account within a day: {first}")
        display.say(f"  The same link is in {plan.data.first_link_file}.")
    for login in workspace.logins:
        display.say(f"  {login.label:<22} {login.email:<32} {login.password}")
    for remark in workspace.remarks:
        display.say(f"  Kept as it was changed here: {remark}")


def _already_stopping() -> None:
    """A second Ctrl-C changes nothing: the end is ten seconds away at most."""


def _first(failures: BaseExceptionGroup[TrellisError | OSError]) -> TrellisError | OSError:
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
