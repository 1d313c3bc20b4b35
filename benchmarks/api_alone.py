"""The REST API without the pages, to tell what the pages cost it."""

from starlette.applications import Starlette
from starlette.routing import Mount

from crm_app.api.app import create_api
from crm_app.kernel.settings import Settings
from crm_app.services.workspace import Workspace


def app() -> Starlette:
    workspace = Workspace.open(Settings.from_environment().database_url)
    return Starlette(routes=[Mount("/api", create_api(workspace))])
