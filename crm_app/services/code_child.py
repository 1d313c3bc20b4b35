"""The process in which a `code` step's JavaScript runs, once: started by `code_isolate` with `-I -S` and nothing in its
environment. Reads `{"source", "inputs"}`, writes `{"given"}` or `{"error", "line"}`. Imports nothing of the product.
"""

import importlib
import json
import re
import resource
import sys
from typing import Any

SECONDS = 1
CPU_SECONDS = 3
MEMORY = 64 << 20
WHOLE_MEMORY = 192 << 20
STACK = 256 << 10
MOST_GIVEN = 64 << 10
MOST_SAID = 300
_CONFINED = {"RLIMIT_CPU": CPU_SECONDS, "RLIMIT_AS": WHOLE_MEMORY} | dict.fromkeys(
    ("RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_CORE"), 0
)
_LINE = re.compile(r"<input>:(\d+)")
_WAITS = "(function (given) { return typeof given.then === 'function'; })"


class _Refused(Exception):
    """What the code gives can't be taken."""


def confine() -> None:
    """From here on this process opens no file and no connection, starts nothing and writes nowhere but its pipe."""
    for name, value in _CONFINED.items():
        resource.setrlimit(getattr(resource, name), (value, value))


def given(quickjs: Any, source: str, inputs: str) -> str:
    """What the source, the body of a function of `inputs`, returns: JSON of an object."""
    context = quickjs.Context()
    context.set_memory_limit(MEMORY)
    context.set_max_stack_size(STACK)
    context.set_time_limit(SECONDS)
    waits = context.eval(_WAITS)
    run = context.eval(f'(function (inputs) {{ "use strict"; {source}\n}})')
    found = run(context.parse_json(inputs))
    if not isinstance(found, quickjs.Object) or waits(found):
        raise _Refused("It has to return an object with its outputs, and can't wait for anything.")
    said = found.json()
    if not isinstance(said, str) or not said.startswith("{"):
        raise _Refused("It has to return an object with its outputs.")
    if len(said) > MOST_GIVEN:
        raise _Refused(f"It returns {len(said):,} characters; at most {MOST_GIVEN:,} are taken.")
    return said


def explained(error: Exception) -> dict[str, Any]:
    """The last line of the engine's own is where it happened; a line of the source is counted as its author does."""
    text = str(error)
    said, _, trace = text.partition("\n    at ")
    said = said.strip()
    line = _LINE.search(trace)
    known = {
        "InternalError: interrupted": f"It took longer than {SECONDS} second.",
        "InternalError: out of memory": f"It needs more than {MEMORY >> 20} MB.",
        "RangeError: Maximum call stack size exceeded": "It calls itself too often.",
    }
    return {"error": known.get(said, said[:MOST_SAID]), "line": int(line.group(1)) if line else None}


def main() -> None:
    sys.path.append(sys.argv[1])
    quickjs = importlib.import_module("_quickjs")  # its Python half only adds a pool of threads
    asked = json.loads(sys.stdin.buffer.read())
    confine()
    answer: dict[str, Any]
    try:
        answer = {"given": given(quickjs, asked["source"], asked["inputs"])}
    except _Refused as refused:
        answer = {"error": str(refused), "line": None}
    except (quickjs.JSException, quickjs.StackOverflow) as error:
        answer = explained(error)
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
