"""What leaves the product leaves by one way out."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_app.kernel.errors import TrellisError
from crm_app.runtime.data_dir import CHECKOUT
from crm_app.services.egress import Outgoing, send

WAYS_OUT = {
    "httpx",
    "requests",
    "aiohttp",
    "urllib3",
    "urllib.request",
    "http.client",
    "smtplib",
    "imaplib",
    "ftplib",
    "telnetlib",
}
# What asks this machine's own server whether it is ready, and the two ways out: requests, and mail.
MAY = {
    "crm_app/runtime/programs.py": {"http.client"},
    "crm_app/services/egress.py": {"httpx"},
    "crm_app/services/mail_sending.py": {"smtplib"},
    "crm_app/services/mail_reading.py": {"imaplib"},
}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def test_07_nothing_but_the_guarded_client_makes_requests() -> None:
    found: dict[str, set[str]] = {}
    for folder in ("crm_app", "workflows"):
        for path in (CHECKOUT / folder).rglob("*.py"):
            used = {each for each in _imported(path) if each in WAYS_OUT}
            if used:
                found[path.relative_to(CHECKOUT).as_posix()] = used
    assert found == MAY


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/", "http://10.0.0.1/"])
def test_28_the_guard_is_closed_as_it_is_shipped(url: str) -> None:
    with pytest.raises(TrellisError, match="not a public address"):
        send(Outgoing("GET", url))
