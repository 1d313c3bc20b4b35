"""What must hold before a change is taken, in the order that finds the cheap mistakes first."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from crm_app.runtime import bundle, process
from crm_app.runtime.browser import VARIABLE, find_browser, obtain_browser
from crm_app.runtime.data_dir import CHECKOUT, DEFAULT_DATA
from crm_app.runtime.environment import tool
from crm_app.runtime.process import CannotStart

_OK = 0
# Each process has servers of its own; files stay whole, because their tests share what is dear to make.
_SIDE_BY_SIDE = ("--numprocesses", "auto", "--maxprocesses", "4", "--dist", "loadfile")
# A browser test waits half of its time, and each process has a site of its own.
_TWO_SITES = ("--numprocesses", "2", "--dist", "loadfile")


@dataclass(frozen=True)
class Check:
    """`run` returns what is wrong, nothing if all is well."""

    label: str
    run: Callable[[], str]


def all_checks() -> Iterator[Check]:
    yield Check("packages", _one_casbin)
    yield _command("ruff check", "ruff", "check", ".")
    yield _command("ruff format", "ruff", "format", "--check", ".")
    yield _command("import contracts", "lint-imports")
    yield _command("types", "pyright", "--pythonpath", sys.executable)
    yield Check("web pages", _build_pages)
    yield Check("tests", lambda: run_tests([*_SIDE_BY_SIDE, "-m", "not browser and not alone"]))
    yield Check("tests alone", lambda: run_tests(["-m", "alone"]))
    yield Check("browser tests", lambda: run_tests([*_TWO_SITES, "-m", "browser"], obtain_browser()))


def run_all(tell: Callable[[str], None]) -> bool:
    """Runs every check even after one failed, so that one run shows all there is to correct."""
    failed: list[str] = []
    for check in all_checks():
        began = time.monotonic()
        try:
            wrong = check.run()
        except CannotStart as refusal:
            wrong = refusal.message
        if wrong:
            failed.append(check.label)
            tell(wrong)
        tell(f"{'FAILED' if wrong else 'ok':<7} {check.label:<18} {time.monotonic() - began:6.1f} s")
    if failed:
        tell(f"Failed: {', '.join(failed)}.")
    return not failed


def run_tests(arguments: Sequence[str], browser: str | None = None) -> str:
    """Runs pytest with its output on the terminal."""
    found = browser or find_browser()
    environment = _environment() | ({VARIABLE: found} if found else {})
    done = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=CHECKOUT, env=environment, check=False)
    return "" if done.returncode == _OK else f"pytest ended with code {done.returncode}."


def _command(label: str, program: str, *arguments: str) -> Check:
    def run() -> str:
        done = subprocess.run(
            [tool(program), *arguments],
            cwd=CHECKOUT,
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        return "" if done.returncode == _OK else f"{done.stdout}{done.stderr}".strip()

    return Check(label, run)


def _one_casbin() -> str:
    """`casbin` and `pycasbin` install the same files over each other; access rules must come from one."""
    try:
        distribution("casbin")
    except PackageNotFoundError:
        return ""
    return "The old package 'casbin' is installed beside 'pycasbin'. Remove .venv and run ./trellis test again."


def _build_pages() -> str:
    if bundle.is_current():
        return ""
    DEFAULT_DATA.mkdir(mode=0o711, exist_ok=True)
    with bundle.build_lock() as is_our_turn:
        while not is_our_turn():
            time.sleep(0.2)
        child = process.start(bundle.build_program(DEFAULT_DATA), DEFAULT_DATA / "logs")
        try:
            bundle.finish(child)
        finally:
            process.stop(child, timeout_seconds=1)
    return ""


def _environment() -> dict[str, str]:
    """The checks find the tools of this environment first, whichever is active outside."""
    tools = str(Path(sys.executable).parent)
    path = os.pathsep.join([tools, os.environ.get("PATH", os.defpath)])
    return os.environ | {"PATH": path, "VIRTUAL_ENV": str(Path(tools).parent), "PYTHONPATH": str(CHECKOUT)}
