"""Seals all stored secrets with a new key: of connections, second factors, webhooks and the sign-in service.

Older keys stay and still open what they sealed; --forget takes them away, once nothing needs them any more.
"""

from dataclasses import replace
from pathlib import Path

import click

from crm_app.kernel.actor import SystemActor
from crm_app.kernel.settings import Settings
from crm_app.runtime.commands import _data
from crm_app.runtime.running import database
from crm_app.services.resealing import begin_new_key, forget_older_keys, reseal
from crm_app.services.workspace import Workspace


@click.command(name="reseal", help=__doc__)
@_data.option
@click.option("--forget", is_flag=True, help="Make no new key; take the older ones away.")
def command(data: Path, *, forget: bool) -> None:
    keys = replace(Settings.from_environment(), data_dir=data.resolve()).secret_keys
    if keys.given and forget:
        raise click.UsageError("The keys are in TRELLIS_SECRET_KEYS: take the older ones away there.")
    with database(data) as url:
        if not keys.given and not forget:
            begin_new_key(keys)
        workspace = Workspace.open(url, pool_size=1, keys=keys)
        try:
            with workspace.work(SystemActor("trellis reseal")) as work:
                counts = reseal(work)
        finally:
            workspace.close()
    total = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count)
    click.echo(f"Sealed anew: {total or 'nothing, all of it has the newest key already'}.")
    if forget:
        click.echo(f"Older keys taken away: {forget_older_keys(keys)}. Back {keys.file} up, apart from the database.")
    elif not keys.given:
        click.echo(f"The new key stands first in {keys.file}. Back it up, apart from the database.")
