"""Writes every definition into a folder, one JSON file each, for git."""

from pathlib import Path

import click

from crm_app.runtime.commands import _data, _definitions
from crm_app.services.as_code import exported, write_files


@click.command(name="export", help=__doc__)
@_definitions.folder
@_data.option
def command(folder: Path, data: Path) -> None:
    with _definitions.workspace(data) as workspace, workspace.work(_definitions.actor("export")) as work:
        files = exported(work)
        version = work.schema.version
    changed = write_files(folder, files)
    click.echo(f"Version {version}: {len(files)} files in {folder}, {len(changed)} of them changed.")
