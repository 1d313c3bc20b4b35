"""The two processes of Trellis itself: the web server and the automation worker."""

import http.client
import sys

from crm_app.kernel.settings import Settings
from crm_app.runtime.data_dir import CHECKOUT
from crm_app.runtime.environment import for_children, for_reflex, tool
from crm_app.runtime.ports import LOOPBACK
from crm_app.runtime.process import Child, Program

_SERVE_BUILT_PAGES = {
    "REFLEX_ENV_MODE": "prod",
    "__REFLEX_SKIP_COMPILE": "1",
    "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "1",
}
_STOP_SECONDS = 3
_PING_SECONDS = 1.0


def web(settings: Settings, port: int) -> Program:
    command = (
        *(tool("granian"), "--interface", "asgi", "--factory", "crm_app.crm_app:app"),
        *("--host", LOOPBACK, "--port", str(port), "--workers", "1"),
        *("--workers-kill-timeout", str(_STOP_SECONDS), "--log-level", "warning"),
    )
    environment = for_children(settings) | for_reflex(settings.data_dir) | _SERVE_BUILT_PAGES
    return Program("web", command, CHECKOUT, environment)


def worker(settings: Settings) -> Program:
    return Program("worker", (sys.executable, "-m", "workflows.worker"), CHECKOUT, for_children(settings))


def web_answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_PING_SECONDS)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def worker_polls(child: Child) -> bool:
    """It writes this line once it asks Temporal for work."""
    return "ready" in child.output().splitlines()
