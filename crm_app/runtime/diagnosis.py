"""One look at each part, whether Trellis runs or not."""

import asyncio
import platform
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from crm_app.kernel.settings import Settings
from crm_app.runtime import bundle, programs, temporal
from crm_app.runtime.browser import find_browser
from crm_app.runtime.data_dir import CHECKOUT, DataDir, check_space
from crm_app.runtime.own_database import check_own_database
from crm_app.runtime.process import CannotStart

_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+) *\\?$", re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    """`message` is what was found or, when `is_broken`, what to do."""

    part: str
    message: str
    is_broken: bool = False


@dataclass(frozen=True)
class Patient:
    data: DataDir
    settings: Settings
    is_running: bool


def diagnose(data: Path) -> Iterator[Finding]:
    folder = DataDir(data.resolve())
    patient = Patient(folder, Settings.from_environment(), folder.is_in_use)
    for check in (_python, _packages, _data_dir, _pages, _postgres, _temporal, _worker, _web, _browser):
        yield check(patient)


def _python(patient: Patient) -> Finding:
    del patient
    return Finding("Python", f"{platform.python_version()} at {sys.executable}")


def _packages(patient: Patient) -> Finding:
    """Compares what is installed with the lock; lines for other platforms carry a marker and are left out."""
    del patient
    locked = _LOCKED.findall((CHECKOUT / "requirements.lock").read_text())
    wrong = [name for name, wanted in locked if _installed(name) != wanted]
    if wrong:
        what = f"{len(wrong)} packages differ from requirements.lock ({', '.join(wrong[:3])} …)"
        return Finding("Packages", f"{what}. Remove .venv and run ./trellis up.", is_broken=True)
    return Finding("Packages", f"{len(locked)} as locked")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _data_dir(patient: Patient) -> Finding:
    path = patient.data.path
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    reason = _refusal(lambda: check_space(existing))
    if reason:
        return Finding("Data directory", reason, is_broken=True)
    free = psutil.disk_usage(str(existing)).free // 1_000_000
    state = "in use by a running Trellis" if patient.is_running else "not in use"
    return Finding("Data directory", f"{path}, {state}, {free} MB free")


def _pages(patient: Patient) -> Finding:
    del patient
    return Finding("Web pages", "built" if bundle.is_current() else "not built yet; ./trellis up builds them")


def _postgres(patient: Patient) -> Finding:
    servers = patient.data.servers() if patient.is_running else None
    url = patient.settings.database_url or (servers.database_url if servers else "")
    if not url:
        return _absent(patient, "PostgreSQL")
    versions: list[int] = []
    reason = _refusal(lambda: versions.append(check_own_database(url)))
    if reason:
        return Finding("PostgreSQL", reason, is_broken=True)
    return Finding("PostgreSQL", f"version {versions[0]} answers")


def _temporal(patient: Patient) -> Finding:
    servers = patient.data.servers() if patient.is_running else None
    address = patient.settings.temporal_address or (servers.temporal_address if servers else "")
    if not address:
        return _absent(patient, "Temporal")
    reason = asyncio.run(temporal.refusal(replace(patient.settings, temporal_address=address), within_seconds=5))
    return Finding("Temporal", reason or f"answers at {address}", is_broken=reason is not None)


def _worker(patient: Patient) -> Finding:
    pid = patient.data.pids().get("worker")
    if not patient.is_running or pid is None:
        return _absent(patient, "Worker")
    if not psutil.pid_exists(pid):
        return Finding("Worker", f"not alive; read {patient.data.logs / 'worker.log'}", is_broken=True)
    return Finding("Worker", f"process {pid}")


def _web(patient: Patient) -> Finding:
    servers = patient.data.servers()
    if not patient.is_running or servers is None:
        return _absent(patient, "Web server")
    if not programs.web_answers(servers.port):
        return Finding("Web server", f"does not answer; read {patient.data.logs / 'web.log'}", is_broken=True)
    return Finding("Web server", f"answers at http://localhost:{servers.port}")


def _browser(patient: Patient) -> Finding:
    del patient
    return Finding("Browser for tests", find_browser() or "none yet; ./trellis test installs one")


def _absent(patient: Patient, part: str) -> Finding:
    return Finding(part, "still starting" if patient.is_running else "not running; ./trellis up starts it")


def _refusal(check: Callable[[], None]) -> str | None:
    try:
        check()
    except CannotStart as refusal:
        return refusal.message
    return None
