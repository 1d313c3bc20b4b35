"""Every bundle there is: one file each in `bundles/`, plus what installed packages offer."""

from crm_app.definitions import bundles
from crm_app.definitions.bundle import Bundle
from crm_app.kernel.registry import Registry

BUNDLES: Registry[Bundle] = (
    Registry[Bundle]("bundle").load_folder(bundles, "BUNDLE").load_entry_points("trellis.bundles")
)
