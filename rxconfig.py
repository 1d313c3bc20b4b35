"""Reflex's settings. Allowed origins are explicit: the page's own, and those named in TRELLIS_ORIGINS."""

import reflex as rx

from crm_app.ui.origins import allowed_origins
from crm_app.ui.same_origin import SameOriginPlugin

config = rx.Config(
    app_name="crm_app",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    cors_allowed_origins=allowed_origins(),
    state_manager_mode="memory",
    plugins=[SameOriginPlugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
