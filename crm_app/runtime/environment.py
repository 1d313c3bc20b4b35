"""What every child finds in its environment."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from crm_app.kernel.settings import Settings
from crm_app.runtime.data_dir import CHECKOUT

_TOOLS = Path(sys.executable).parent
_NOT_INHERITED = (
    *("PYTHONHOME", "PYTEST_CURRENT_TEST", "GRANIAN_PORT", "GRANIAN_HOST", "RUST_BACKTRACE"),
    "DATABASE_OWNER_URL",
)
_REFLEX = {
    "REFLEX_USE_SYSTEM_BUN": "1",
    "REFLEX_TELEMETRY_ENABLED": "false",
    "REFLEX_CHECK_LATEST_VERSION": "false",
    "REFLEX_SHOW_BUILT_WITH_REFLEX": "false",
}


def tool(name: str) -> str:
    """A program of the virtual environment."""
    return str(_TOOLS / name)


def for_children(settings: Settings, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The caller's environment, with the addresses of this instance and nothing of another Python's.

    No backtrace of compiled code either: fifty frames would bury the sentence that says why a server stopped.
    """
    inherited = dict(os.environ if base is None else base)
    for name in _NOT_INHERITED:
        inherited.pop(name, None)
    return inherited | {
        "DATABASE_URL": settings.database_url,
        "TEMPORAL_ADDRESS": settings.temporal_address,
        "TEMPORAL_NAMESPACE": settings.temporal_namespace,
        "TRELLIS_DATA": str(settings.data_dir),
        "TRELLIS_TASK_QUEUE": settings.task_queue,
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONUNBUFFERED": "1",
    }


def for_reflex(data_dir: Path) -> dict[str, str]:
    """Reflex's own switches: the same for the build and for the server."""
    return _REFLEX | {"REFLEX_DIR": str(data_dir / "reflex")}


def for_build(data_dir: Path) -> dict[str, str]:
    """Only the environment's own tools, so that an old Node on this machine is never picked up."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
    if not os.access(inherited.get("HOME") or "/nonexistent", os.W_OK):
        inherited["HOME"] = str(data_dir)
    own = {"PATH": str(_TOOLS), "PYTHONPATH": str(CHECKOUT), "TRELLIS_DATA": str(data_dir)}
    return inherited | own | for_reflex(data_dir)
