"""Lists the versions of the definitions; --revert publishes an earlier one again."""

from pathlib import Path

import click

from crm_app.automation.plans import PLANS
from crm_app.runtime.commands import _data, _definitions
from crm_app.services.definition_store import publications
from crm_app.services.definitions import How, past, plan, revert
from crm_app.services.workspace import Workspace

_LINES_SHOWN = 6


@click.command(name="versions", help=__doc__)
@click.option("--revert", "version", type=int, metavar="VERSION", help="What came later is archived, nothing is lost.")
@click.option("--yes", is_flag=True, help="Don't ask before going back.")
@_data.option
def command(version: int | None, *, yes: bool, data: Path) -> None:
    with _definitions.workspace(data) as workspace:
        if version is None:
            _list(workspace)
        else:
            _go_back(workspace, version, yes=yes)


def _list(workspace: Workspace) -> None:
    with workspace.work(_definitions.actor("versions")) as work:
        found = publications(work.connection)
    for each in found:
        by = each.actor.get("name", "")
        click.echo(f"{each.version:>5}  {each.at:%Y-%m-%d %H:%M}  {by}  {each.note}")
        for line in each.plan[:_LINES_SHOWN]:
            click.echo(f"         {line}")
        if len(each.plan) > _LINES_SHOWN:
            click.echo(f"         … and {len(each.plan) - _LINES_SHOWN} more")


def _go_back(workspace: Workspace, version: int, *, yes: bool) -> None:
    with workspace.work(_definitions.actor("versions")) as work:
        changes = plan(work, past(work, version), How(is_whole=True, goes_back=True, automations=PLANS))
    _definitions.show(changes)
    if changes and (yes or click.confirm(f"\nGo back to version {version}?")):
        with workspace.work(_definitions.actor("versions")) as work:
            revert(work, version, _definitions.CHECKS)
        click.echo(f"The definitions of version {version} are live again.")
