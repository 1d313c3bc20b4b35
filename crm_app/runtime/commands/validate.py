"""Checks the definitions in a folder; needs no database."""

from pathlib import Path

import click

from crm_app.definitions.package import Package
from crm_app.runtime.commands import _definitions
from crm_app.services.as_code import read_folder
from crm_app.services.definitions import require_publishable
from crm_app.services.territory_files import read_territories


@click.command(name="validate", help=__doc__)
@_definitions.folder
def command(folder: Path) -> None:
    package = read_folder(folder)
    read_territories(folder)
    require_publishable(package, _definitions.CHECKS, Package())
    click.echo(f"{sum(1 for _ in package.definitions())} definitions are sound.")
