"""Runs everything that must hold; with arguments, only pytest with them."""

import sys

import click

from crm_app.runtime import checks


@click.command(
    name="test",
    help=__doc__,
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    if arguments:
        wrong = checks.run_tests(arguments)
        sys.exit(1 if wrong else 0)
    sys.exit(0 if checks.run_all(click.echo) else 1)
