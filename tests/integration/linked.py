"""A small business whose records point at each other in every way."""

from collections.abc import Generator
from contextlib import contextmanager

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from tests.builders import Crm, field, object_body, role_body

EVERYTHING = ["read", "create", "edit", "delete"]


def linked_business() -> Package:
    """Deals have any number of tags and contacts; notes are about a company or a deal; parts go with their company,
    contracts keep it, companies form a tree. Reps see their team's contacts and contracts only.
    """
    objects = [
        object_body("tag"),
        object_body("contact", field("email"), field("friends", "many_to_many", config={"object": "contact"})),
        object_body(
            "company",
            field("city"),
            field("parent", "relation", config={"object": "company", "tree": True, "related_label": "Daughters"}),
        ),
        object_body(
            "deal",
            field("size", "number"),
            field("company", "relation", config={"object": "company"}),
            field("tags", "many_to_many", config={"object": "tag"}),
            field("contacts", "many_to_many", config={"object": "contact", "related_label": "Their deals"}),
        ),
        object_body("note", field("about", "relation", config={"objects": ["company", "deal"]})),
        object_body(
            "part",
            field("company", "relation", required=True, config={"object": "company", "on_delete": "cascade"}),
        ),
        object_body("screw", field("part", "relation", config={"object": "part", "on_delete": "cascade"})),
        object_body("contract", field("company", "relation", config={"object": "company", "on_delete": "restrict"})),
    ]
    open_objects = ["tag", "company", "deal", "note", "screw"]
    rep = role_body(
        "rep",
        {"objects": open_objects, "actions": EVERYTHING},
        {"objects": ["contact", "contract", "part"], "actions": EVERYTHING, "scope": "team"},
    )
    return load_package(
        {
            "objects": {f"objects/{body['name']}.json": body for body in objects},
            "roles": {f"roles/{rep['name']}.json": rep},
        }
    )


@contextmanager
def linked_crm(database_url: str) -> Generator[Crm]:
    crm = Crm(database_url, linked_business())
    try:
        yield crm
    finally:
        crm.close()
