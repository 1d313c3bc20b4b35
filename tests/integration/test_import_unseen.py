"""What an import tells of records that whoever imports may not see: that a key is taken, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_app.definitions.load import load_package
from crm_app.definitions.mapping import ImportMapping
from crm_app.kernel.actor import Actor, UserActor
from crm_app.kernel.events import RecordRef
from crm_app.services.import_writing import TAKEN
from crm_app.services.imports import import_files
from crm_app.services.lists import list_records
from crm_app.services.record_query import RecordQuery
from tests.builders import SYSTEM, Crm, object_body, role_body

FILE = {"file": "deals.csv", "object": "deal", "key": ["key"], "fields": {"name": "name"}}
MAPPING = ImportMapping.model_validate({"format_version": 1, "name": "old", "label": "Old", "files": [FILE]})
ACTIONS = ["read", "create", "edit", "import", "delete"]


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    role = role_body("rep", {"objects": ["deal"], "actions": ACTIONS, "scope": "own"})
    files = {"objects": {"objects/deal.json": object_body("deal")}, "roles": {"roles/rep.json": role}}
    crm = Crm(database_url, load_package(files))
    yield crm
    crm.close()


def run(crm: Crm, folder: Path, actor: Actor, *lines: str) -> list[tuple[int, str]]:
    """What is said of the lines."""
    file = folder / "deals.csv"
    file.write_text("\n".join(("key,name", *lines)) + "\n")
    with crm.work(actor) as work:
        report = import_files(work, MAPPING, {"deals.csv": file})
    return [(remark.line, str(remark)) for remark in report.files[0].remarks]


def only(crm: Crm, actor: UserActor) -> RecordRef:
    with crm.work(actor) as work:
        (found,) = list_records(work, RecordQuery("deal")).records
    return found.ref


def test_a_key_of_an_unseen_record_is_taken_whatever_the_line_says_and_whether_the_record_lives(
    crm: Crm, tmp_path: Path
) -> None:
    ann, bob = crm.user("Ann"), crm.user("Bob")
    assert run(crm, tmp_path, ann, "1,Desk") == []
    same, other = "1,Desk", "1,Chair"
    assert run(crm, tmp_path, bob, same) == run(crm, tmp_path, bob, other) == [(2, TAKEN)]
    deal = only(crm, ann)
    crm.delete(deal, ann)
    assert run(crm, tmp_path, bob, same) == run(crm, tmp_path, bob, other) == [(2, TAKEN)]
    assert run(crm, tmp_path, ann, same) == []
    assert run(crm, tmp_path, ann, other) == [(2, "Its record was deleted here.")]
    assert run(crm, tmp_path, bob, "2,Lamp") == []
    assert crm.get(only(crm, bob)).name == "Lamp"


def test_whoever_sees_the_record_changes_it_as_ever(crm: Crm, tmp_path: Path) -> None:
    ann = crm.user("Ann")
    run(crm, tmp_path, ann, "1,Desk", "2,Lamp")
    assert run(crm, tmp_path, SYSTEM, "1,Chair", "2,Lamp") == []
    assert set(crm.names(RecordQuery("deal"), ann)) == {"Chair", "Lamp"}
