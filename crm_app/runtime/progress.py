"""What a person sees while the parts start: a line per phase with its seconds."""

import time
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

_LABEL_WIDTH = 24


class Display:
    """Spinners on a terminal, plain lines elsewhere. Phases may overlap."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._spinners = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )

    @contextmanager
    def shown(self) -> Generator[None]:
        with self._spinners:
            yield

    @contextmanager
    def phase(self, label: str) -> Generator[None]:
        """Its line appears when it ended well; a failure says its own sentence."""
        task = self._spinners.add_task(label)
        began = time.monotonic()
        try:
            yield
        finally:
            self._spinners.remove_task(task)
        self.say(f"{label:<{_LABEL_WIDTH}} {time.monotonic() - began:5.1f} s")

    def say(self, line: str) -> None:
        self._console.print(line, markup=False)
