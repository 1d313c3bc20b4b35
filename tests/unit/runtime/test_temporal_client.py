"""How a cluster is reached is said by the environment; what cannot be used is refused with a sentence."""

from pathlib import Path

import pytest
from temporalio.service import TLSConfig

from crm_app.kernel.settings import Settings, TemporalAccess
from crm_app.runtime.process import CannotStart
from crm_app.runtime.temporal import check_no_cluster
from crm_app.runtime.temporal_client import tls_of

PEM = b"-----BEGIN CERTIFICATE-----\n"


def access(**variables: str) -> TemporalAccess:
    return TemporalAccess.from_environment({f"TEMPORAL_{name}": value for name, value in variables.items()})


def test_without_settings_nothing_is_encrypted() -> None:
    assert tls_of(access()) is False


def test_certificates_are_read_from_their_files(tmp_path: Path) -> None:
    for name in ("cert", "key", "ca"):
        (tmp_path / name).write_bytes(PEM + name.encode())
    files = {f"TLS_{name.upper()}": str(tmp_path / name) for name in ("cert", "key", "ca")}
    found = tls_of(access(**files, TLS_SERVER_NAME="temporal.example.com"))
    assert isinstance(found, TLSConfig)
    assert found.client_cert == PEM + b"cert"
    assert found.client_private_key == PEM + b"key"
    assert found.server_root_ca_cert == PEM + b"ca"
    assert found.domain == "temporal.example.com"
    assert isinstance(tls_of(access(API_KEY="k")), TLSConfig)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"TLS_CERT": "some.pem"}, "belong together"),
        ({"TLS_CERT": "a", "TLS_KEY": "b", "API_KEY": "k"}, "an API key or a client's certificate"),
        ({"TLS_CA": "/nowhere/ca.pem"}, "TEMPORAL_TLS_CA names /nowhere/ca.pem, which cannot be read"),
        ({"TLS_CA": __file__}, "no PEM file"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(variables: dict[str, str], said: str) -> None:
    with pytest.raises(CannotStart, match=said):
        tls_of(access(**variables))


def test_certificates_without_a_cluster_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="TEMPORAL_ADDRESS is not"):
        check_no_cluster(Settings(tmp_path, "", "", temporal_access=access(TLS="1")))
    check_no_cluster(Settings(tmp_path, "", ""))
