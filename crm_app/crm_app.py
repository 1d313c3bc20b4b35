"""The web process: settings → workspace → pages and API. The workspace opens at the first request."""

from starlette.applications import Starlette
from starlette.routing import Mount

from crm_app.api.app import create_api
from crm_app.kernel.collector import settle
from crm_app.kernel.settings import Settings
from crm_app.services.workspace import Workspace
from crm_app.ui.app import create_app
from crm_app.ui.door import DOOR

settings = Settings.from_environment()
DOOR.connect(
    lambda: Workspace.open(settings.database_url, files=settings.data_dir / "files", keys=settings.secret_keys)
)
app = create_app(mounts=[Starlette(routes=[Mount("/api", app=create_api(DOOR.workspace))])])
settle()
