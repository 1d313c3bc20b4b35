"""Makes the definitions in a folder live: all of them or none. What the folder leaves out is archived."""

from pathlib import Path

import click

from crm_app.automation.plans import PLANS
from crm_app.runtime.commands import _data, _definitions
from crm_app.services.as_code import read_folder
from crm_app.services.definitions import How, plan, publish
from crm_app.services.territory_files import apply_territories, read_territories, territory_changes


@click.command(name="apply", help=__doc__)
@_definitions.folder
@click.option("--yes", is_flag=True, help="Don't ask before applying the plan.")
@click.option("--note", default="", help="Why, for the list of versions.")
@click.option("--set-empty", is_flag=True, help="Leave values empty that can't be written in a field's new type.")
@_data.option
def command(folder: Path, *, yes: bool, note: str, set_empty: bool, data: Path) -> None:
    package, territories = read_folder(folder), read_territories(folder)
    with _definitions.workspace(data) as workspace:
        with workspace.work(_definitions.actor("apply")) as work:
            changes, base = plan(work, package, How(is_whole=True, automations=PLANS)), work.schema.version
            besides = territory_changes(work, territories)
        _definitions.show(changes, besides)
        if not (changes or besides) or not (yes or click.confirm("\nApply this?")):
            return
        with workspace.work(_definitions.actor("apply")) as work:
            how = How(is_whole=True, note=note or f"apply {folder.name}", base=base, set_empty=set_empty)
            publish(work, package, _definitions.CHECKS, how)
            apply_territories(work, territories)
        click.echo(f"Version {base + 1} is live." if changes else "The territories are as the folder says.")
