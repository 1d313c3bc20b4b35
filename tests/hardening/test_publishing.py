"""Publishing under attack: hostile identifiers and texts, several folders at once, and a publisher that is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from crm_app.automation.rules import rules_of
from crm_app.definitions.load import BadDefinition, load_package
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Conflict, TrellisError
from crm_app.runtime.commands import apply
from crm_app.runtime.data_dir import CHECKOUT
from crm_app.services.as_code import exported, read_folder, write_files
from crm_app.services.definitions import How, plan, publish
from crm_app.services.record_query import RecordQuery
from crm_app.services.renames import rename
from crm_app.storage.engine import opened_to_records
from tests.builders import SYSTEM, Crm, field, object_body
from tests.integration.hostile_inputs import STRINGS

BLOCKED = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'data.deal'::regclass")


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


def tables(crm: Crm) -> list[str]:
    with crm.work() as work:
        return list(work.connection.execute(text("SELECT tablename FROM pg_tables ORDER BY 1")).scalars())


def test_03_no_hostile_name_becomes_an_identifier(crm: Crm) -> None:
    before = tables(crm)
    for name in STRINGS:
        if name in ("id", "null", "deleted_at", "amount__currency", "sort_0"):
            continue
        for path in ("objects/deal", "objects/deal/fields/amount"):
            with crm.work() as work, pytest.raises(TrellisError):
                publish(work, rename(work, Package(), path, name, rules_of))
        with crm.work() as work, pytest.raises(TrellisError):
            rename(work, Package(), name, "fine", rules_of)
        with crm.work() as work, pytest.raises(TrellisError):
            rename(work, Package(), f"objects/deal/fields/{name}", "fine", rules_of)
        with pytest.raises(BadDefinition):
            load_package({"objects": {"x": object_body("deal", field("size", column=name or "-", table=name))}})
    assert tables(crm) == before


def test_03_hostile_texts_in_a_definition_are_only_texts(crm: Crm) -> None:
    """Wherever an admin may write freely: labels, help, literals of rules and defaults, options."""
    before, hostile = tables(crm), "'); DROP TABLE data.deal; -- \" %s %(x)s {0} :x $1 \\"
    quoted = hostile.replace("'", "''")
    stage = {**field("stage", "select", help=hostile), "config": {"options": [{"name": "open", "label": hostile}]}}
    body = object_body(
        "trap",
        field("code", label=hostile, default=hostile, unique=True, searchable=True, indexed=True),
        field("kept", label=hostile, default={"rule": f"'{quoted}'"}),
        stage,
        label=hostile,
        plural=hostile,
        description=hostile,
        validation_rules=[{"when": f"name = '{quoted}'", "message": hostile}],
    )
    rule = f"code != '{quoted}x'"
    view = {"format_version": 1, "name": "v", "label": hostile, "object": "trap", "filter": rule}
    try:
        crm.publish(load_package({"objects": {"o": body}, "views": {"v": view}}))
    except TrellisError as refusal:
        pytest.fail(str(refusal))
    saved = crm.create("trap", name="One", stage="open")
    assert saved.values["code"] == hostile
    assert crm.names(RecordQuery("trap", rule=rule)) == ["One"]
    retyped = {**body, "fields": [*body["fields"][:2], {**field("kept"), "type": "long_text"}, stage]}
    crm.publish(load_package({"objects": {"o": retyped}}))
    assert set(tables(crm)) == {*before, "trap"}


def folder(crm: Crm, place: Path, name: str) -> Path:
    """An export with one more field."""
    with crm.work() as work:
        write_files(place, exported(work))
    file = place / "objects" / "deal.json"
    body = json.loads(file.read_text())
    file.write_text(json.dumps({**body, "fields": [*body["fields"], field(name)]}))
    return place


def test_of_several_folders_applied_at_once_one_is_live(crm: Crm, tmp_path: Path) -> None:
    names = [f"extra_{number}" for number in range(4)]
    packages = [read_folder(folder(crm, tmp_path / name, name)) for name in names]
    with crm.work() as work:
        base = work.schema.version
    together = Barrier(len(packages))

    def applied(package: Package) -> bool:
        together.wait(10)
        try:
            with crm.workspace.work(SYSTEM) as work:
                publish(work, package, (), How(is_whole=True, base=base))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(len(packages)) as pool:
        done = list(pool.map(applied, packages))
    assert done.count(True) == 1
    with crm.work() as work:
        live = work.definition("deal").all_fields.keys() & set(names)
        assert (work.schema.version, live) == (base + 1, {names[done.index(True)]})


@pytest.mark.alone
def test_an_apply_that_is_killed_leaves_the_old_definitions_and_can_be_repeated(
    crm: Crm, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder(crm, tmp_path, "extra")
    command = [sys.executable, "-P", "-m", "crm_app", "apply", str(place), "--yes"]
    environment = os.environ | {"DATABASE_URL": database_url, "PYTHONPATH": str(CHECKOUT)}
    with crm.work() as work:
        base = work.schema.version
    with opened_to_records(crm.workspace.engine.connect()) as reader:
        reader.execute(text("SELECT count(*) FROM data.deal"))
        child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not reader.execute(BLOCKED).scalar_one() and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert child.poll() is None, "It should wait for the reader's table."
        os.kill(child.pid, signal.SIGKILL)
        child.wait(10)
    with crm.work() as work:
        assert (work.schema.version, "extra" in work.definition("deal").all_fields) == (base, False)
        changes = [str(each) for each in plan(work, read_folder(place), How(is_whole=True))]
        assert len(changes) == 1, changes
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert "is live" in CliRunner().invoke(apply.command, [str(place), "--yes"], catch_exceptions=False).output
    assert crm.create("deal", name="A", extra="x").values["extra"] == "x"
