"""The whole product as a person starts it: how long until its first page, twice, and what each process holds."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.measure import proportional_mb
from crm_app.runtime.data_dir import CHECKOUT, OWNER, DataDir
from crm_app.runtime.ports import LOOPBACK, free_port

_PATIENCE_SECONDS = 180
_STOP_SECONDS = 20
_OWN_SERVERS = ("DATABASE_URL", "TEMPORAL_ADDRESS")


def measure_start() -> dict[str, Any]:
    """The first start makes the database and the demo data; the pages are built already."""
    folder = Path(tempfile.mkdtemp(prefix="trellis-start-"))
    try:
        first, _ = _start(folder)
        second, memory = _start(folder)
        return {"first_start_seconds": first, "second_start_seconds": second, "memory_idle_mb": memory}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path) -> tuple[float, dict[str, float]]:
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in _OWN_SERVERS}
    command = [sys.executable, "-P", "-m", "crm_app", "up", "--data", str(folder), "--port", str(port)]
    began = time.monotonic()
    child = subprocess.Popen(
        command,
        env=environment | {"PYTHONPATH": str(CHECKOUT)},
        cwd=CHECKOUT,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while DataDir(folder).servers() is None or not _shows_a_page(port):
            assert child.poll() is None, "./trellis up ended by itself."
            assert time.monotonic() - began < _PATIENCE_SECONDS, "./trellis up takes too long."
            time.sleep(0.05)
        seconds = round(time.monotonic() - began, 2)
        time.sleep(2)
        return seconds, {name: _resident(pid) for name, pid in DataDir(folder).pids().items() if name != OWNER}
    finally:
        child.terminate()
        child.wait(_STOP_SECONDS)


def _shows_a_page(port: int) -> bool:
    try:
        answer = httpx.get(f"http://{LOOPBACK}:{port}/login", timeout=2, trust_env=False, follow_redirects=True)
    except httpx.HTTPError:
        return False
    return answer.is_success and "text/html" in answer.headers.get("content-type", "")


def _resident(pid: int) -> float:
    """With all that the process started."""
    return proportional_mb(psutil.Process(pid))
