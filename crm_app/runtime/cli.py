"""`./trellis`: a file per command in `commands/`, each with a `command` and a docstring that is its help."""

import ast
import errno
import keyword
import sys
from importlib import import_module
from pathlib import Path

import click

from crm_app.kernel.errors import TrellisError

_DISK_REFUSES = {errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT}
_COMMANDS = Path(__file__).with_name("commands")


class CommandFolder(click.Group):
    """Imports only the command that runs: the others' libraries take seconds."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        stems = (file.stem for file in _COMMANDS.glob("*.py"))
        return sorted(stem.removesuffix("_") for stem in stems if not stem.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        found = import_module(f"crm_app.runtime.commands.{_stem(cmd_name)}").command
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first_line(name)) for name in self.list_commands(ctx)])


def _stem(name: str) -> str:
    """A command whose name is a word of Python's own lives in a file with an underscore behind it."""
    return f"{name}_" if keyword.iskeyword(name) else name


def _first_line(name: str) -> str:
    documentation = ast.get_docstring(ast.parse((_COMMANDS / f"{_stem(name)}.py").read_text()))
    return (documentation or "").partition("\n")[0]


@click.command(cls=CommandFolder, help="Trellis, a CRM that a company runs itself. Start it with: ./trellis up")
def trellis() -> None:
    """All commands share this root."""


def main() -> None:
    try:
        trellis.main(prog_name="trellis")
    except TrellisError as refusal:
        _refuse(str(refusal))
    except OSError as error:
        if error.errno not in _DISK_REFUSES:
            raise
        _refuse(
            f"{error.filename or 'The data directory'} cannot be written: {error.strerror}. "
            "Free some space or make it writable, or choose another --data."
        )


def _refuse(sentence: str) -> None:
    sys.stdout.flush()
    click.echo(f"\n{sentence}", err=True)
    sys.exit(1)
