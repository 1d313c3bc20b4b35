"""The web process: settings → workspace → pages and API. The workspace opens at the first request."""

from starlette.applications import Starlette
from starlette.routing import Mount

from crm_app.api.app import create_api
from crm_app.kernel.collector import settle
from crm_app.kernel.settings import Settings
from crm_app.services.workspace import Workspace
from crm_app.ui.app import create_app
from crm_app.ui.door import DOOR
from crm_app.web.metrics import metrics_route

settings = Settings.from_environment()
DOOR.connect(
    lambda: Workspace.open(
        settings.database_url,
        files=settings.data_dir / "files",
        keys=settings.secret_keys,
        runs_code=settings.runs_code,
    ),
    settings.data_dir,
)
routes = [
    metrics_route(DOOR.workspace, settings.data_dir, settings.metrics_token),
    Mount("/api", app=create_api(DOOR.workspace)),
]
app = create_app(mounts=[Starlette(routes=routes)])
settle()
