"""Shows what applying a folder of definitions would change, and changes nothing."""

from pathlib import Path

import click

from crm_app.automation.plans import PLANS
from crm_app.runtime.commands import _data, _definitions
from crm_app.services.as_code import read_folder
from crm_app.services.asked_checks import asked
from crm_app.services.definitions import How, plan, require_publishable, wished
from crm_app.services.territory_files import read_territories, territory_changes

WHOLE = How(is_whole=True, automations=PLANS)


@click.command(name="plan", help=__doc__)
@_definitions.folder
@_data.option
def command(folder: Path, data: Path) -> None:
    package, territories = read_folder(folder), read_territories(folder)
    with _definitions.workspace(data) as workspace, workspace.work(_definitions.actor("plan")) as work:
        changes = plan(work, package, WHOLE)
        _definitions.show(changes, territory_changes(work, territories))
        require_publishable(wished(work, package, WHOLE), asked(work, _definitions.CHECKS), work.schema.stored)
