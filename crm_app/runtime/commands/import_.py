"""Loads CSV files by a mapping; a second run of the same files changes nothing."""

import gc
from pathlib import Path

import click

from crm_app.kernel import clock
from crm_app.kernel.actor import SystemActor
from crm_app.runtime.commands import _data
from crm_app.runtime.running import database
from crm_app.services.import_report import OUTCOMES, FileReport, ImportReport, write_report
from crm_app.services.imports import find_files, find_mapping, import_files
from crm_app.services.workspace import Workspace

_KINDS_SHOWN = 8


@click.command(name="import", help=__doc__)
@click.argument("places", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FOLDER|FILE...")
@click.option("--mapping", "name", required=True, help="One that a package brings, such as maven, or a JSON file.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Where the whole report goes, as CSV.")
@_data.option
def command(places: tuple[Path, ...], name: str, report: Path | None, data: Path) -> None:
    mapping = find_mapping(name)
    files = find_files(mapping, list(places))
    # What is loaded by now stays for good: the collector need not look at it again and again.
    gc.freeze()
    with database(data) as url:
        workspace = Workspace.open(url, pool_size=1)
        try:
            with workspace.work(SystemActor(f"trellis import {mapping.name}")) as work:
                done = import_files(work, mapping, files)
        finally:
            workspace.close()
    target = report or _default_target(data, mapping.name)
    write_report(done, target)
    _summarise(done, target)


def _default_target(data: Path, name: str) -> Path:
    folder = data / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}-{clock.now():%Y%m%d-%H%M%S}.csv"


def _summarise(done: ImportReport, target: Path) -> None:
    width = max(len(file.file) for file in done.files)
    click.echo(f"{'':<{width}}  " + "  ".join(f"{outcome:>9}" for outcome in OUTCOMES))
    for file in done.files:
        counts = "  ".join(f"{file.counts[outcome]:>9,}" for outcome in OUTCOMES)
        click.echo(f"{file.file:<{width}}  {counts}")
    for file in done.files:
        _remarks(file)
    click.echo(f"\nEvery line that was repaired, refused or like another is in {target}")


def _remarks(file: FileReport) -> None:
    kinds = file.kinds()
    if kinds:
        click.echo(f"\n{file.file} ({file.encoding})")
    for what, lines in kinds[:_KINDS_SHOWN]:
        click.echo(f"  {lines:>7,} x {what}")
    if len(kinds) > _KINDS_SHOWN:
        click.echo(f"  … and {len(kinds) - _KINDS_SHOWN:,} other remarks")
