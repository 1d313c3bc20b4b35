"""Where this process finds its servers and files. Read from the environment once, passed on explicitly."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8750
DEFAULT_NAMESPACE = "default"
CODE_SWITCH = "TRELLIS_CODE_STEPS"
_YES = frozenset({"1", "true", "yes", "on"})


@dataclass(frozen=True)
class SecretKeys:
    """Where the keys of stored secrets are: those `given`, newest first with commas between, or else those in `file`,
    one a line, which is made at the first need. Processes on several machines need the same ones.
    """

    file: Path
    given: str = ""


@dataclass(frozen=True)
class TemporalAccess:
    """How a cluster is reached: encrypted when `is_encrypted` or when any of the rest is given. `cert` and `key` are
    the files that say who this is, `ca` that of whose servers are believed, `server_name` the one in their certificate.
    """

    is_encrypted: bool = False
    cert: str = ""
    key: str = ""
    ca: str = ""
    server_name: str = ""
    api_key: str = ""

    @property
    def is_plain(self) -> bool:
        return self == TemporalAccess()

    @staticmethod
    def from_environment(env: Mapping[str, str]) -> "TemporalAccess":
        return TemporalAccess(
            is_encrypted=_is_on(env, "TEMPORAL_TLS"),
            cert=env.get("TEMPORAL_TLS_CERT", ""),
            key=env.get("TEMPORAL_TLS_KEY", ""),
            ca=env.get("TEMPORAL_TLS_CA", ""),
            server_name=env.get("TEMPORAL_TLS_SERVER_NAME", ""),
            api_key=env.get("TEMPORAL_API_KEY", ""),
        )


@dataclass(frozen=True)
class Settings:
    """`data_dir` holds everything that `./trellis up` creates; the two addresses replace its own servers. With
    `owner_url` the system's tables in `database_url` belong to that role; only whoever sets the database up knows it.
    With `runs_code`, automations may have steps of JavaScript.
    """

    data_dir: Path
    database_url: str
    temporal_address: str
    temporal_namespace: str = DEFAULT_NAMESPACE
    task_queue: str = "trellis"
    owner_url: str = ""
    given_keys: str = ""
    temporal_access: TemporalAccess = TemporalAccess()
    metrics_token: str = ""
    runs_code: bool = False

    @property
    def secret_keys(self) -> SecretKeys:
        return SecretKeys(self.data_dir / "secret.keys", self.given_keys)

    @staticmethod
    def from_environment(environment: Mapping[str, str] | None = None) -> "Settings":
        env = os.environ if environment is None else environment
        return Settings(
            data_dir=Path(env.get("TRELLIS_DATA", ".trellis")).resolve(),
            database_url=env.get("DATABASE_URL", ""),
            temporal_address=env.get("TEMPORAL_ADDRESS", ""),
            temporal_namespace=env.get("TEMPORAL_NAMESPACE", DEFAULT_NAMESPACE),
            task_queue=env.get("TRELLIS_TASK_QUEUE", "trellis"),
            owner_url=env.get("DATABASE_OWNER_URL", ""),
            given_keys=env.get("TRELLIS_SECRET_KEYS", ""),
            temporal_access=TemporalAccess.from_environment(env),
            metrics_token=env.get("TRELLIS_METRICS_TOKEN", ""),
            runs_code=_is_on(env, CODE_SWITCH),
        )


def _is_on(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").strip().lower() in _YES
