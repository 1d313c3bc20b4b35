"""The JSON Schemas of everything that is written as JSON, for editors and for other programs. Files in
`schemas/definitions` are made by `./trellis schemas`; a test fails when they lag behind.
"""

import json
from pathlib import Path

from crm_app.definitions.demo import Recipe
from crm_app.definitions.load import schema_of
from crm_app.definitions.mapping import ImportMapping
from crm_app.definitions.model import Definition
from crm_app.definitions.package import KINDS, Manifest

FOLDER = Path(__file__).resolve().parents[2] / "schemas" / "definitions"


def published() -> dict[str, type[Definition]]:
    """By the file's name."""
    kinds = {kind.removesuffix("s"): model for kind, model in KINDS.items()}
    return {**kinds, "manifest": Manifest, "mapping": ImportMapping, "demo": Recipe}


def file_of(name: str) -> Path:
    return FOLDER / f"{name}.schema.json"


def text_of(model: type[Definition]) -> str:
    return json.dumps(schema_of(model), indent=2, ensure_ascii=False) + "\n"
