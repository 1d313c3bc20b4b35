"""What the commands about definitions share: who acts, which checks hold, and how a plan is shown."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from crm_app.automation.checks import check
from crm_app.definitions.diff import Change
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.settings import Settings
from crm_app.runtime.running import database
from crm_app.services.workspace import Workspace

CHECKS = (check,)
_SIGNS = {"add": "+", "change": "~", "archive": "-", "restore": "+", "rename": ">", "retype": "!", "remove": "-"}

folder = click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")


@contextmanager
def workspace(data: Path) -> Generator[Workspace]:
    with database(data) as url:
        opened = Workspace.open(url, pool_size=2, runs_code=Settings.from_environment().runs_code)
        try:
            yield opened
        finally:
            opened.close()


def actor(command: str) -> SystemActor:
    return SystemActor(f"trellis {command}")


def show(changes: Sequence[Change], besides: Sequence[str] = ()) -> None:
    """One line per change, destructive ones marked, what else to know of it indented below. `besides` are sentences of
    what are no definitions.
    """
    for sentence in besides:
        click.echo(f"  {_SIGNS[sentence.split()[0]]} {sentence}")
    if besides and not changes:
        click.echo(f"\n{len(besides)} changes, none of definitions.")
        return
    if not changes:
        click.echo("Nothing would change.")
        return
    for change in changes:
        click.echo(f"  {_SIGNS[change.kind]} {change}")
        for note in change.notes:
            click.echo(f"      {note}")
    destructive = sum(change.is_destructive for change in changes)
    click.echo(f"\n{len(changes)} changes, {destructive} of them destructive." if destructive else
               f"\n{len(changes)} changes, none of them destructive.")  # fmt: skip
