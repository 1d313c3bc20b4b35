"""Shows what applying a folder of definitions would change, and changes nothing."""

from pathlib import Path

import click

from crm_app.automation.rules import rules_of
from crm_app.runtime.commands import _data, _definitions
from crm_app.services.as_code import read_folder
from crm_app.services.definitions import How, plan, require_publishable, wished

WHOLE = How(is_whole=True, automation_rules=rules_of)


@click.command(name="plan", help=__doc__)
@_definitions.folder
@_data.option
def command(folder: Path, data: Path) -> None:
    package = read_folder(folder)
    with _definitions.workspace(data) as workspace, workspace.work(_definitions.actor("plan")) as work:
        changes = plan(work, package, WHOLE)
        _definitions.show(changes)
        require_publishable(wished(work, package, WHOLE), _definitions.CHECKS)
