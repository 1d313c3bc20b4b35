"""A connection to Temporal, as the settings say. Loading its client takes half a second, so nothing here is imported
before it is needed.
"""

from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.service import TLSConfig

from crm_app.kernel.settings import Settings, TemporalAccess
from crm_app.runtime.process import CannotStart


async def connect(settings: Settings, **more: Any) -> Client:
    """Raises `CannotStart` for settings that cannot be used, and the client's own errors for a server that is away."""
    access = settings.temporal_access
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        api_key=access.api_key or None,
        tls=tls_of(access),
        **more,
    )


def tls_of(access: TemporalAccess) -> TLSConfig | bool:
    if access.is_plain:
        return False
    if bool(access.cert) != bool(access.key):
        raise CannotStart("TEMPORAL_TLS_CERT and TEMPORAL_TLS_KEY belong together. Set both, or neither.")
    if access.cert and access.api_key:
        raise CannotStart(
            "Temporal takes an API key or a client's certificate. Unset TEMPORAL_API_KEY or the other two."
        )
    return TLSConfig(
        server_root_ca_cert=_content(access.ca, "TEMPORAL_TLS_CA"),
        domain=access.server_name or None,
        client_cert=_content(access.cert, "TEMPORAL_TLS_CERT"),
        client_private_key=_content(access.key, "TEMPORAL_TLS_KEY"),
    )


def _content(file: str, variable: str) -> bytes | None:
    if not file:
        return None
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise CannotStart(f"{variable} names {file}, which cannot be read: {error.strerror}.") from None
    if not content.lstrip().startswith(b"-----BEGIN "):
        raise CannotStart(f"{variable} names {file}, which is no PEM file. Give one that begins with -----BEGIN.")
    return content
