"""What the tests of files share: a business with papers in it, and small contents that are what they say."""

from io import BytesIO
from typing import Any

import httpx
from PIL import Image

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from tests.builders import field, object_body, role_body, small_business
from tests.integration.api_client import Api

FILES = "/api/v1/files"
PAPERS = "/api/v1/objects/paper/records"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"0" * 500


def picture(kind: str = "PNG", width: int = 2, height: int = 1) -> bytes:
    body = BytesIO()
    Image.new("1" if kind == "PNG" else "RGB", (width, height)).save(body, kind)
    return body.getvalue()


PNG = picture()
TEXT = "Grüße, first line\nand second".encode()


def business_with_papers() -> Package:
    """Papers hold a scan, pictures and a secret file; reps see their own, a clerk can't see the secret one."""
    everything = ["read", "create", "edit", "delete"]
    paper = object_body(
        "paper",
        field("scan", "file"),
        field("pictures", "file", config={"many": True, "kinds": ["image"], "max_bytes": 2_000}),
        field("secret", "file"),
        field("amount", "number"),
    )
    mine = {"objects": ["paper"], "actions": everything, "scope": "own"}
    roles = [
        role_body("writer", mine),
        role_body(
            "clerk",
            {"objects": ["paper"], "actions": everything},
            field_levels=[{"object": "paper", "field": "secret", "level": "none"}],
        ),
        role_body(
            "guest",
            {"objects": ["paper"], "actions": ["read"]},
            field_levels=[{"object": "paper", "field": "secret", "level": "mask"}],
        ),
    ]
    return small_business().merged(
        load_package(
            {
                "objects": {"objects/paper.json": paper},
                "roles": {f"roles/{body['name']}.json": body for body in roles},
            }
        )
    )


def add_people(api: Api) -> None:
    """Will and Wendy write papers of their own, Clara sees all but the secret, Gus reads."""
    for name, role in (("will", "writer"), ("wendy", "writer"), ("clara", "clerk"), ("gus", "guest")):
        api.people[name] = api.crm.user(name.capitalize(), role=role)


def send(client: httpx.Client, name: str = "a.pdf", content: bytes = PDF) -> httpx.Response:
    return client.post(FILES, params={"name": name}, content=content)


def sent(client: httpx.Client, name: str = "a.pdf", content: bytes = PDF) -> str:
    answer = send(client, name, content)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def save(client: httpx.Client, **values: Any) -> httpx.Response:
    return client.post(PAPERS, json={"values": {"name": "A paper", **values}})


def saved(client: httpx.Client, **values: Any) -> dict[str, Any]:
    answer = save(client, **values)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def change(client: httpx.Client, record: dict[str, Any], **values: Any) -> httpx.Response:
    return client.patch(f"{PAPERS}/{record['id']}", json={"values": values})


def got(client: httpx.Client, file: str) -> int:
    return client.get(f"{FILES}/{file}").status_code
