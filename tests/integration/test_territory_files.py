"""Territories as text: exported, planned, applied, and refused by what is wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_app.definitions.load import BadDefinition
from crm_app.kernel.errors import Conflict, Forbidden, Invalid
from crm_app.kernel.ids import new_id
from crm_app.services.as_code import read_folder
from crm_app.services.territories import save_territory, set_members, territories
from crm_app.services.territory_files import TREE, apply_territories, read_territories, territory_changes
from tests.access.test_scopes import business, rep, scoped
from tests.builders import Crm
from tests.integration.test_as_code import export_to

HEAD = "territory,lies in,looked after by\n"


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, business(rep(scoped("territory")), access={"territory": "region"}))
    for name in ("Ann", "Bob"):
        crm.user(name)
    yield crm
    crm.close()


def apply(crm: Crm, folder: Path, text: str) -> list[str]:
    """What was planned."""
    (folder / TREE).parent.mkdir(parents=True, exist_ok=True)
    (folder / TREE).write_text(HEAD + text)
    with crm.work() as work:
        planned = territory_changes(work, read_territories(folder))
        apply_territories(work, read_territories(folder))
    return planned


def test_what_is_written_is_planned_applied_and_exported_the_same(crm: Crm, tmp_path: Path) -> None:
    export_to(crm.workspace, tmp_path)
    assert not (tmp_path / TREE).exists()
    assert read_territories(tmp_path) is None
    text = "Asia,,\nEurope,,ann@example.com\nFrance,Europe,ann@example.com bob@example.com\n"
    assert apply(crm, tmp_path, text) == ["add territory Asia", "add territory Europe", "add territory France"]
    export_to(crm.workspace, tmp_path)
    assert (tmp_path / TREE).read_text() == HEAD + text
    assert read_folder(tmp_path).objects
    assert apply(crm, tmp_path, text) == []
    turned = "Asia,Europe,\nEurope,France,\nFrance,,Bob@example.com\n"
    assert apply(crm, tmp_path, turned) == [f"change territory {name}" for name in ("Asia", "Europe", "France")]
    with crm.work() as work:
        names = {each.id: each.name for each in territories(work)}
        assert {each.name: names.get(each.parent or new_id()) for each in territories(work)} == {
            "Asia": "Europe", "Europe": "France", "France": None,
        }  # fmt: skip
    assert apply(crm, tmp_path, "") == [f"remove territory {name}" for name in ("France", "Europe", "Asia")]
    export_to(crm.workspace, tmp_path)
    assert not (tmp_path / TREE).exists()


def test_one_in_which_records_lie_is_not_left_out_and_nothing_else_happens(crm: Crm, tmp_path: Path) -> None:
    apply(crm, tmp_path, "Asia,,\n")
    with crm.work() as work:
        (asia,) = territories(work)
    crm.create("deal", name="A", region=str(asia.id))
    with pytest.raises(Conflict, match=r"Territory 'Asia'.*records lie in it"):
        apply(crm, tmp_path, "Europe,,\n")
    with crm.work() as work:
        assert [each.name for each in territories(work)] == ["Asia"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Asia,Nowhere,\n", "isn't there"),
        ("Asia,Europe,\nEurope,Asia,\n", "lies in itself"),
        ("Asia,,\nAsia,,\n", "stands there 2 times"),
        ("Asia\n", "It has 1 cells"),
    ],
)
def test_what_can_not_be_is_refused_with_its_line(crm: Crm, tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadDefinition, match=said):
        apply(crm, tmp_path, text)


def test_nobody_is_named_who_is_not_there_and_only_administrators_apply(crm: Crm, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="Nobody has the address 'zoe@"):
        apply(crm, tmp_path, "Asia,,zoe@example.com\n")
    (tmp_path / TREE).write_text(HEAD)
    with pytest.raises(Forbidden), crm.work(crm.user("Rep")) as work:
        apply_territories(work, read_territories(tmp_path))


def test_what_is_no_list_of_ours_is_neither_read_nor_replaced(crm: Crm, tmp_path: Path) -> None:
    with crm.work() as work:
        set_members(work, save_territory(work, "Asia"), set())
    (tmp_path / TREE).parent.mkdir(parents=True)
    (tmp_path / TREE).write_text("mine\n")
    with pytest.raises(BadDefinition, match="is no list of territories"):
        export_to(crm.workspace, tmp_path)
    with pytest.raises(BadDefinition, match="The first line is"):
        read_territories(tmp_path)
