"""The web process: settings → workspace → pages. The workspace opens at the first request, so a build needs none."""

from crm_app.kernel.settings import Settings
from crm_app.services.workspace import Workspace
from crm_app.ui.app import create_app
from crm_app.ui.door import DOOR

settings = Settings.from_environment()
DOOR.connect(lambda: Workspace.open(settings.database_url))
app = create_app()
