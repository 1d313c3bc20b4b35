"""Where this process finds its servers and files. Read from the environment once, passed on explicitly."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8750
DEFAULT_NAMESPACE = "default"


@dataclass(frozen=True)
class SecretKeys:
    """Where the keys of stored secrets are: those `given`, newest first with commas between, or else those in `file`,
    one a line, which is made at the first need. Processes on several machines need the same ones.
    """

    file: Path
    given: str = ""


@dataclass(frozen=True)
class Settings:
    """`data_dir` holds everything that `./trellis up` creates; the two addresses replace its own servers. With
    `owner_url` the system's tables in `database_url` belong to that role; only whoever sets the database up knows it.
    """

    data_dir: Path
    database_url: str
    temporal_address: str
    temporal_namespace: str = DEFAULT_NAMESPACE
    task_queue: str = "trellis"
    owner_url: str = ""
    given_keys: str = ""

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
        )
