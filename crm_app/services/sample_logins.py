"""Who can log in to a package's demo data. Loads none of the services, so that a start can say it at once."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Login:
    """Who to log in as, for the start page. Only demo data has passwords that are known."""

    label: str
    email: str
    password: str


def sample_logins(package_folder: Path) -> list[Login]:
    """Those that the package's demo data brings, whether it is loaded or not."""
    recipe = json.loads((package_folder / "demo.json").read_bytes())
    return [Login(p["login"], p["email"], recipe["password"]) for p in recipe["people"] if p.get("login")]
