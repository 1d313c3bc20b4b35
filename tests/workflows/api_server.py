"""The REST API alone on a real web server: what the kill tests write through."""

from starlette.applications import Starlette
from starlette.routing import Mount

from crm_app.api.app import create_api
from crm_app.kernel.settings import Settings
from crm_app.services.workspace import Workspace


def app() -> Starlette:
    workspace = Workspace.open(Settings.from_environment().database_url)
    return Starlette(routes=[Mount("/api", create_api(workspace))])
