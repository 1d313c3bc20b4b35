"""The web pages as the browser gets them, built once per version of what they are made of."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from crm_app.runtime import process
from crm_app.runtime.data_dir import CHECKOUT, is_locked_by_us
from crm_app.runtime.environment import for_build, tool
from crm_app.runtime.fingerprint import fingerprint
from crm_app.runtime.process import CannotStart, Child, Program, last_words

_BUNDLE = Path(".web/build/client")
_STAMP = Path(".web/trellis.stamp")
_LOCK = Path(".venv/bundle.lock")
_POLL_SECONDS = 0.2
_FILES = ("rxconfig.py", "requirements.lock", "crm_app/crm_app.py")
_FOLDERS = ("crm_app/ui", "reflex.lock", "assets")


def sources_fingerprint(root: Path = CHECKOUT) -> str:
    """Changes when the pages, their packages or the tools that build them change."""
    return fingerprint(root, _FILES, _FOLDERS)


def is_current(root: Path = CHECKOUT) -> bool:
    stamp = root / _STAMP
    return (root / _BUNDLE).is_dir() and stamp.exists() and stamp.read_text() == sources_fingerprint(root)


def build_program(data_dir: Path, root: Path = CHECKOUT) -> Program:
    command = (tool("reflex"), "export", "--frontend-only", "--no-zip")
    return Program("bundle", command, root, for_build(data_dir))


@contextmanager
def build_lock(root: Path = CHECKOUT) -> Generator[Callable[[], bool]]:
    """Instances of one checkout share the pages: build only once the yielded function says it is our turn."""
    with (root / _LOCK).open("a") as lock:
        yield lambda: is_locked_by_us(lock.fileno())


def build(data_dir: Path, root: Path = CHECKOUT) -> None:
    """For a caller with nothing else to do: returns when the pages are current."""
    with build_lock(root) as is_our_turn:
        while not is_our_turn():
            time.sleep(_POLL_SECONDS)
        if not is_current(root):
            finish(process.start(build_program(data_dir, root), data_dir / "logs"), root)


def finish(child: Child, root: Path = CHECKOUT) -> None:
    """Waits for a build that was started, and marks its result as current."""
    code = child.process.wait()
    if code != 0 or not (root / _BUNDLE).is_dir():
        raise CannotStart(f"The web pages could not be built. {last_words(child, lines=6)}")
    (root / _STAMP).write_text(sources_fingerprint(root))
