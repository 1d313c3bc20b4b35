"""Gives an object or a field a new API name, and rewrites everything that names it."""

from pathlib import Path

import click

from crm_app.automation.rules import rules_of
from crm_app.definitions.package import Package
from crm_app.runtime.commands import _data, _definitions
from crm_app.services.definitions import How, plan, publish
from crm_app.services.renames import rename


@click.command(name="rename", help=__doc__)
@click.argument("path", metavar="objects/NAME[/fields/NAME]")
@click.argument("new_name")
@click.option("--yes", is_flag=True, help="Don't ask before applying the plan.")
@_data.option
def command(path: str, new_name: str, *, yes: bool, data: Path) -> None:
    with _definitions.workspace(data) as workspace:
        with workspace.work(_definitions.actor("rename")) as work:
            package, base = rename(work, Package(), path, new_name, rules_of), work.schema.version
            changes = plan(work, package)
        _definitions.show(changes)
        if not (yes or click.confirm("\nApply this?")):
            return
        with workspace.work(_definitions.actor("rename")) as work:
            publish(work, package, _definitions.CHECKS, How(note=f"rename {path} to {new_name}", base=base))
        click.echo(f"Version {base + 1} is live.")
