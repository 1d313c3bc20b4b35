from pathlib import Path

from crm_app.kernel.settings import Settings
from crm_app.runtime import temporal
from crm_app.runtime.ports import free_port


def _at(address: str, namespace: str) -> Settings:
    return Settings(Path(), "", address, namespace)


async def test_a_running_server_is_accepted_and_an_unknown_namespace_is_named(temporal_address: str) -> None:
    assert await temporal.refusal(_at(temporal_address, "default"), within_seconds=5) is None
    said = await temporal.refusal(_at(temporal_address, "absent"), within_seconds=5)
    assert said == f"Temporal at {temporal_address} has no namespace 'absent'. Create it or set TEMPORAL_NAMESPACE."


async def test_no_server_is_one_sentence() -> None:
    address = f"127.0.0.1:{free_port()}"
    said = await temporal.refusal(_at(address, "default"), within_seconds=5)
    assert said == f"No Temporal server answers at {address}. Start it or correct TEMPORAL_ADDRESS (host:port)."
