"""JavaScript that an administrator wrote, run apart from everything: QuickJS in a process of its own, which knows no
files, network or time to spare. Off unless the operator turned it on.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, cast

from crm_app.kernel.errors import Invalid, TrellisError
from crm_app.kernel.settings import CODE_SWITCH

WALL_SECONDS = 20
MOST_ASKED = 256 << 10
_MOST_ANSWERED = 1 << 20
_CHILD = str(Path(__file__).with_name("code_child.py"))


class CodeOff(Invalid):
    """The operator has not turned code on in this process."""

    code = "code_off"


HOW_TO_TURN_ON = f"Whoever runs Trellis turns them on with {CODE_SWITCH}=on for the web process and the workers."


class CodeFailed(Invalid):
    """The code can't be run to its end, or gives what can't be taken."""

    code = "code_failed"


class CodeStalled(TrellisError):
    """The machine had no time for it: it is worth another try."""

    code = "code_stalled"
    status = 503


def run_code(source: str, inputs: Mapping[str, Any]) -> str:
    """The source is the body of a function of `inputs`, which are plain JSON; gives the JSON of the object returned."""
    asked = json.dumps({"source": source, "inputs": json.dumps(inputs)}).encode()
    if len(asked) > MOST_ASKED:
        raise CodeFailed(f"The code and its inputs are {len(asked):,} bytes; at most {MOST_ASKED:,} are taken.")
    raw = _answer(asked)
    try:
        answer = cast("dict[str, Any]", json.loads(raw))
    except ValueError:
        raise CodeFailed("The code was stopped: it needs more time or memory than it may have.") from None
    if "given" in answer:
        return str(answer["given"])
    line = answer.get("line")
    raise CodeFailed(f"The code fails{f' in line {line}' if line else ''}: {answer.get('error')}")


def _answer(asked: bytes) -> bytes:
    """Whatever the child does, it is over soon and has said little."""
    was_late = threading.Event()
    with subprocess.Popen(  # noqa: S603 - our own script; what was asked goes in through the pipe
        [sys.executable, "-I", "-S", "-B", _CHILD, _engine_folder()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},
        start_new_session=True,
    ) as child:

        def end() -> None:
            was_late.set()
            child.kill()

        timer = threading.Timer(WALL_SECONDS, end)
        timer.start()
        try:
            assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018 - both are pipes
            _tell(child.stdin, asked)
            said = child.stdout.read(_MOST_ANSWERED)
        finally:
            timer.cancel()
            child.kill()
    if was_late.is_set():
        raise CodeStalled("The machine was too busy to run the code.")
    return said


def _tell(pipe: IO[bytes], asked: bytes) -> None:
    with suppress(BrokenPipeError), pipe:
        pipe.write(asked)


@cache
def _engine_folder() -> str:
    found = find_spec("_quickjs")
    if found is None or not found.origin:
        raise CodeOff("The JavaScript engine is not installed: install requirements.lock.")
    return str(Path(found.origin).parent)
