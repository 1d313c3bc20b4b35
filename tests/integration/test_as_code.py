"""Definitions as files, and two people who publish at once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from referencing import Registry

from crm_app.definitions.load import BadDefinition
from crm_app.definitions.model import changed
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Forbidden
from crm_app.runtime.commands import apply, export, validate, versions
from crm_app.runtime.commands import plan as plan_command
from crm_app.services.as_code import exported, read_folder, write_files
from crm_app.services.definitions import How, plan, publish
from crm_app.services.packages import install_package
from crm_app.services.prepare import prepare_workspace
from crm_app.services.rebase import SomebodyPublished, rebased
from crm_app.services.workspace import Workspace
from tests.builders import SYSTEM, Crm, field, object_body
from tests.integration.test_publish import company, objects

WHOLE = How(is_whole=True)


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


@pytest.fixture
def sales(database_url: str) -> Iterator[Workspace]:
    found = Workspace.open(database_url, pool_size=2)
    prepare_workspace(found)
    yield found
    found.close()


def export_to(workspace: Workspace, folder: Path) -> list[str]:
    with workspace.work(SYSTEM) as work:
        files = exported(work)
    return write_files(folder, files)


def edit(file: Path, **values: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def test_applying_an_export_of_the_sales_package_is_an_empty_plan(sales: Workspace, tmp_path: Path) -> None:
    export_to(sales, tmp_path)
    with sales.work(SYSTEM) as work:
        assert plan(work, read_folder(tmp_path), WHOLE) == []
    assert export_to(sales, tmp_path) == []


def test_every_exported_file_fits_the_schema_that_it_names(sales: Workspace, tmp_path: Path) -> None:
    export_to(sales, tmp_path)
    files = [file for kind in ("objects", "views", "automations") for file in (tmp_path / kind).iterdir()]
    assert len(files) > 15
    for file in files:
        body = json.loads(file.read_text())
        schema = json.loads((file.parent / body["$schema"]).resolve().read_text())
        assert list(Draft202012Validator(schema, registry=Registry()).iter_errors(body)) == []


def test_an_archived_field_survives_the_round_trip(crm: Crm, tmp_path: Path) -> None:
    crm.publish(objects(object_body("company", field("parent", "relation", config={"object": "company"}))))
    export_to(crm.workspace, tmp_path)
    assert '"archived": true' in (tmp_path / "objects" / "company.json").read_text()
    with crm.work() as work:
        assert plan(work, read_folder(tmp_path), WHOLE) == []


def test_what_the_folder_leaves_out_is_archived_and_shown_first(crm: Crm, tmp_path: Path) -> None:
    crm.publish(objects(object_body("planet")))
    crm.create("planet", name="Earth")
    export_to(crm.workspace, tmp_path)
    (tmp_path / "objects" / "planet.json").unlink()
    with crm.work() as work:
        assert [str(change) for change in plan(work, read_folder(tmp_path), WHOLE)] == [
            "archive objects/planet  (destructive: 1 records)"
        ]


def test_files_that_are_no_definitions_are_named(crm: Crm, tmp_path: Path) -> None:
    export_to(crm.workspace, tmp_path)
    (tmp_path / "README.md").write_text("Ours.")
    (tmp_path / "object").mkdir()
    (tmp_path / "objects" / "company.json").rename(tmp_path / "object" / "company.json")
    (tmp_path / "objects" / "deal.json").rename(tmp_path / "objects" / "bargain.json")
    with pytest.raises(BadDefinition) as refused:
        read_folder(tmp_path)
    assert {problem.path for problem in refused.value.problems} == {"object/company.json", "objects"}


def test_an_empty_folder_archives_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadDefinition, match="holds no definitions"):
        read_folder(tmp_path)


def test_only_administrators_can_export(crm: Crm) -> None:
    with crm.work(crm.user("Ann")) as work, pytest.raises(Forbidden):
        exported(work)


def test_the_commands_together(crm: Crm, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    run = CliRunner().invoke
    assert run(export.command, [str(tmp_path)], catch_exceptions=False).exit_code == 0
    assert "Nothing would change." in run(plan_command.command, [str(tmp_path)]).output
    file = tmp_path / "objects" / "company.json"
    fields = [*json.loads(file.read_text())["fields"], field("size", "number")]
    edit(file, fields=fields)
    assert "definitions are sound" in run(validate.command, [str(tmp_path)]).output
    assert "+ add objects/company/fields/size" in run(plan_command.command, [str(tmp_path)]).output
    assert "is live" not in run(apply.command, [str(tmp_path)], input="n\n").output
    assert "is live" in run(apply.command, [str(tmp_path), "--yes", "--note", "more facts"]).output
    assert crm.create("company", name="Acme", size=3).values["size"] == 3
    listed = run(versions.command, []).output
    assert "more facts" in listed
    assert "+ add" not in listed
    assert "are live again" in run(versions.command, ["--revert", "1", "--yes"]).output
    with crm.work() as work:
        assert "size" not in work.catalog.by_name["company"].all_fields


def test_the_second_admin_gets_the_difference_and_both_changes_together(crm: Crm) -> None:
    with crm.work() as work:
        base = work.schema.version
    crm.publish(company(field("theirs")))
    mine = company(field("mine"))
    with crm.work() as work:
        with pytest.raises(SomebodyPublished, match="can be published together") as refused:
            publish(work, mine, (), How(base=base))
        assert refused.value.details["theirs"] == ["add objects/company/fields/theirs"]
        assert refused.value.details["yours"] == ["add objects/company/fields/mine"]
        both = rebased(work, mine, base)
        assert both.clashes == []
        publish(work, both.package, (), How(base=both.live_version))
    with crm.work() as work:
        assert {"mine", "theirs", "city"} <= set(work.catalog.by_name["company"].all_fields)


def test_a_race_tells_the_second_admin_the_same(crm: Crm) -> None:
    with crm.workspace.work(SYSTEM) as first:
        with crm.workspace.work(SYSTEM) as second:
            publish(second, company(field("city2", label="Theirs")))
        with pytest.raises(SomebodyPublished) as refused:
            publish(first, company(field("city2", label="Mine")))
    assert [problem.path for problem in refused.value.problems] == ["objects/company/fields/city2/label"]


def test_a_whole_folder_of_the_second_admin_does_not_archive_what_the_first_added(crm: Crm, tmp_path: Path) -> None:
    export_to(crm.workspace, tmp_path)
    with crm.work() as work:
        base = work.schema.version
    crm.publish(objects(object_body("planet")))
    edit(tmp_path / "objects" / "company.json", label="Firm")
    folder = read_folder(tmp_path)
    with crm.work() as work:
        with pytest.raises(SomebodyPublished):
            publish(work, folder, (), How(is_whole=True, base=base))
        publish(work, rebased(work, folder, base, is_whole=True).package)
    with crm.work() as work:
        assert {"planet", "company"} <= set(work.catalog.by_name)
        assert work.catalog.by_name["company"].label == "Firm"


def test_a_new_version_of_a_package_keeps_what_an_admin_changed(crm: Crm, tmp_path: Path) -> None:
    folder = tmp_path / "space"
    (folder / "objects").mkdir(parents=True)
    manifest = {"format_version": 1, "name": "space", "label": "Space", "version": "1.0.0"}
    (folder / "package.json").write_text(json.dumps(manifest))
    planet = folder / "objects" / "planet.json"
    planet.write_text(json.dumps(object_body("planet", field("moons", "number"), field("rings"))))
    install_package(crm.workspace, folder)
    with crm.work() as work:
        live = work.schema.stored.by_name["planet"]
        mine = tuple(changed(f, label="Satellites") if f.name == "moons" else f for f in live.fields)
        publish(work, Package.of({"objects": [changed(live, fields=mine, icon="globe")]}))
    planet.write_text(
        json.dumps(object_body("planet", field("moons", "number", label="Moon count"), field("rings"), field("mass")))
    )
    installed = install_package(crm.workspace, folder)
    assert [str(change) for change in installed.changes] == ["add objects/planet/fields/mass"]
    assert installed.kept == ["objects/planet/fields/moons/label: was 'Moons', is 'Satellites', wanted 'Moon count'"]
    with crm.work() as work:
        now = work.catalog.by_name["planet"]
        assert (now.icon, now.all_fields["moons"].label, "mass" in now.all_fields) == ("globe", "Satellites", True)
    assert install_package(crm.workspace, folder).changes == []


def test_a_package_that_does_not_fit_what_an_admin_made_leaves_everything_as_it_is(crm: Crm, tmp_path: Path) -> None:
    folder = tmp_path / "space"
    (folder / "objects").mkdir(parents=True)
    manifest = {"format_version": 1, "name": "space", "label": "Space", "version": "1.0.0"}
    (folder / "package.json").write_text(json.dumps(manifest))
    planet = folder / "objects" / "planet.json"
    planet.write_text(json.dumps(object_body("planet", field("rings"))))
    install_package(crm.workspace, folder)
    view = {"format_version": 1, "name": "v", "label": "V", "object": "planet", "filter": "rings is empty"}
    crm.publish(objects(object_body("moon"), views={"views/v.json": view}))
    planet.write_text(json.dumps(object_body("planet")))
    installed = install_package(crm.workspace, folder)
    assert installed.changes == []
    assert "does not fit" in installed.kept[0]
    assert "views/v/filter" in installed.kept[0]
