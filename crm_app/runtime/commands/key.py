"""Makes, lists and revokes the keys that programs use for the REST API."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from crm_app.kernel.actor import SystemActor
from crm_app.runtime.commands import _data
from crm_app.runtime.running import database
from crm_app.services.api_keys import KeyWish, create_key, list_keys, revoke_key
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace


@click.command(name="key", help=__doc__)
@_data.option
@click.option("--user", "email", metavar="EMAIL", help="Whose rights the new key has.")
@click.option("--label", default="", help="What it is for.")
@click.option("--days", type=click.IntRange(min=1), help="How long it is good for; forever when left out.")
@click.option("--role", "roles", multiple=True, help="Only this role of the person's; may be repeated.")
@click.option("--scope", "scopes", multiple=True, metavar="OBJECT:ACTION", help="Only this; may be repeated.")
@click.option("--list", "is_list", is_flag=True, help="Show all keys, without their secrets.")
@click.option(
    "--revoke", "prefix", metavar="PREFIX", help="End a key at once. The prefix is the eight characters after trl_."
)
def command(data: Path, email: str | None, is_list: bool, prefix: str | None, **wish: Any) -> None:
    if sum((email is not None, is_list, prefix is not None)) != 1:
        raise click.UsageError("Say one of --user EMAIL, --list or --revoke PREFIX.")
    with _work(data) as work:
        if email is not None:
            _create(work, email, _wish(**wish))
        elif prefix is not None:
            revoked = revoke_key(work, prefix.removeprefix("trl_").partition("_")[0])
            click.echo(f"The key trl_{revoked.prefix}_… of {revoked.email} is revoked.")
        else:
            _list(work)


@contextmanager
def _work(data: Path) -> Generator[UnitOfWork]:
    with database(data) as url:
        workspace = Workspace.open(url, pool_size=1)
        try:
            with workspace.work(SystemActor("trellis key")) as work:
                yield work
        finally:
            workspace.close()


def _wish(label: str, days: int | None, roles: tuple[str, ...], scopes: tuple[str, ...]) -> KeyWish:
    return KeyWish(label, days, roles or None, scopes or None)


def _create(work: UnitOfWork, email: str, wish: KeyWish) -> None:
    made = create_key(work, email, wish)
    until = f"until {made.expires_at:%Y-%m-%d}" if made.expires_at else "until it is revoked"
    click.echo(f"This key acts as {made.email}, {until}. It is shown only now:", err=True)
    click.echo(made.key)


def _list(work: UnitOfWork) -> None:
    for key in list_keys(work):
        until = f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "-"
        click.echo(
            f"trl_{key.prefix}_…  {key.state:<8} {key.created_at:%Y-%m-%d}  {until:<10}  {key.email}  {key.label}"
        )
