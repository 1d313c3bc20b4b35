"""What JavaScript of a `code` step can do to the machine that runs it: answer, or be stopped with a sentence."""

import json
import subprocess
import sys
from typing import Any

import pytest

from crm_app.services import code_child
from crm_app.services.code_isolate import CodeFailed, run_code

ABSENT = "require fetch process module std os Deno Bun console setTimeout WebAssembly XMLHttpRequest load print".split()  # noqa: SIM905


def ran(source: str, **inputs: Any) -> Any:
    return json.loads(run_code(source, inputs))


def refused(source: str, **inputs: Any) -> str:
    with pytest.raises(CodeFailed) as failure:
        run_code(source, inputs)
    return str(failure.value)


def test_code_gives_what_it_returns() -> None:
    given = ran("return { twice: inputs.n * 2, who: `${inputs.name} ✓`, all: [1, { a: null }] };", n=21, name="Zoë 😀")
    assert given == {"twice": 42, "who": "Zoë 😀 ✓", "all": [1, {"a": None}]}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("for (;;) {}", "longer than 1 second"),
        ("return { a: /(a+)+$/.test('a'.repeat(40) + 'b') };", "longer than 1 second"),
        ("const a = []; for (;;) a.push('x'.repeat(1e6) + a.length);", "more than 64 MB"),
        ("return { a: new SharedArrayBuffer(1e9) };", "more than 64 MB"),
        ("return { a: 'x'.repeat(1e9) };", "more than 64 MB"),
        ("function again() { again(); }\nagain();", "calls itself too often"),
        ("return { a: 'x'.repeat(70000) };", "at most 65,536"),
        ("return { toJSON() { for (;;) {} } };", "stopped"),
        ("Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0);", "TypeError"),
        ("const a = {}; a.a = a; return a;", "circular"),
        ("return { a: 10n };", "BigInt"),
        ("return Promise.resolve({ a: 1 });", "can't wait"),
        ("return 5;", "has to return an object"),
        ("return [1];", "has to return an object"),
        ("", "has to return an object"),
        ("\n\nthrow new TypeError('no ä');", "in line 3: TypeError: no ä"),
        ("const a = 1;\nreturn {", "SyntaxError"),
        ("import x from 'os';", "SyntaxError"),
        ("throw null;", "null"),
    ],
)
def test_what_goes_wrong_is_a_sentence(source: str, said: str) -> None:
    assert said in refused(source)


def test_nothing_of_the_machine_is_there() -> None:
    given = ran(f"return {{ {', '.join(f'{name}: typeof {name}' for name in ABSENT)} }};")
    assert set(given.values()) == {"undefined"}
    assert ran("import('os').then((os) => os.exec('x')); return { a: 1 };") == {"a": 1}
    assert "JavaScript" not in refused("inputs.constructor.constructor('return process')();")


def test_a_changed_prototype_changes_only_its_own_answer() -> None:
    games = "Object.prototype.toJSON = () => ({ b: 2 }); Array.prototype.map = null; JSON.stringify = () => '{}';"
    assert ran(f"{games} return {{ a: 1 }};") == {"b": 2}
    assert ran("return { ['__proto__']: 3, constructor: 4 };") == {"__proto__": 3, "constructor": 4}
    assert ran("return { a: typeof JSON.stringify, b: ({}).toJSON === undefined };") == {"a": "function", "b": True}


def test_one_call_knows_nothing_of_the_one_before() -> None:
    ran("globalThis.kept = 1; return {};")
    assert ran("return { kept: typeof globalThis.kept };") == {"kept": "undefined"}


def test_more_than_may_come_in_is_refused_before_anything_runs() -> None:
    assert "at most" in refused("return {};", text="x" * 300_000)


def test_the_process_itself_opens_nothing_even_if_the_engine_were_broken() -> None:
    """As Python code in the child's place would find it."""
    tried = """
import sys; sys.path.insert(0, sys.argv[1])
import code_child, os, socket
code_child.confine()
for act in (lambda: open("/etc/hostname"), socket.socket, os.pipe, lambda: bytearray(1 << 30)):
    try:
        act()
    except (OSError, MemoryError) as error:
        print(type(error).__name__, os.environ.get("HOME", ""))
"""
    folder = code_child.__file__.rpartition("/")[0]
    said = subprocess.run([sys.executable, "-I", "-S", "-c", tried, folder], env={}, capture_output=True, check=True)
    assert said.stdout.split() == [b"OSError", b"OSError", b"OSError", b"MemoryError"]
