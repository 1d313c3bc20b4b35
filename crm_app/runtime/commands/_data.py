"""The `--data` that every command understands in the same way."""

from pathlib import Path

import click

from crm_app.runtime.data_dir import DEFAULT_DATA

option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    envvar="TRELLIS_DATA",
    default=DEFAULT_DATA,
    help="Where everything is kept.  [default: .trellis in the checkout]",
)
