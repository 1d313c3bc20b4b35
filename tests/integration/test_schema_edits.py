"""Random edits of a schema while somebody writes all the time and publishers are killed: no record is lost, and the
schema is the old or the new one. The long form: SCHEMA_EDITS=500 ./trellis test tests/integration/test_schema_edits.py
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from crm_app.automation.rules import rules_of
from crm_app.definitions.model import changed
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Conflict, Invalid
from crm_app.kernel.events import RecordRef
from crm_app.services.definitions import publish
from crm_app.services.records import create_record
from crm_app.services.renames import rename
from tests.builders import SYSTEM, Crm, field, object_body
from tests.integration.test_publish import objects

EDITS = int(os.environ.get("SCHEMA_EDITS", "18"))
pytestmark = [pytest.mark.alone, pytest.mark.timeout(240 + 10 * EDITS)]

RUNS = 3 if EDITS <= 50 else EDITS // 25
KILLS = 1 if EDITS <= 50 else 4
NUMBERS = count(1)
DONE: Counter[str] = Counter()
ROOT = Path(__file__).resolve().parents[2]
OTHER = {"text": "number", "number": "text"}


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


def identity(found: Any) -> str:
    """A field through all its renames."""
    return found.former_names[0] if found.former_names else found.name


class Writer(threading.Thread):
    """Creates records with a number of its own in every field there is; remembers those that were acknowledged."""

    def __init__(self, crm: Crm, thing: str) -> None:
        super().__init__(daemon=True)
        self.crm, self.thing = crm, thing
        self.done = threading.Event()
        self.acknowledged: dict[UUID, tuple[int, set[str]]] = {}
        self.surprises: list[BaseException] = []

    def run(self) -> None:
        number = 0
        while not self.done.wait(0.01):
            number += 1
            try:
                self.write(number)
            except (Conflict, Invalid):
                continue
            except BaseException as error:  # noqa: BLE001 - the test shows it
                self.surprises.append(error)
                return

    def write(self, number: int) -> None:
        with self.crm.workspace.work(SYSTEM) as work:
            fields = [each for each in work.catalog.by_name[self.thing].fields if each.name != "name"]
            values = {each.name: str(number) for each in fields}
            record = create_record(work, self.thing, {"name": f"w{number}", **values})
        self.acknowledged[record.ref.id] = (number, {identity(each) for each in fields})


class SchemaEdits(RuleBasedStateMachine):
    def __init__(self, crm: Crm, url: str) -> None:
        super().__init__()
        self.crm, self.url = crm, url
        self.count = self.kills = 0
        self.name = f"thing{next(NUMBERS)}"
        crm.publish(objects(object_body(self.name, field("f0"))))
        self.writer = Writer(crm, self.name)
        self.writer.start()

    def thing(self) -> ObjectDefinition:
        with self.crm.work() as work:
            return work.schema.stored.by_name[self.name]

    def named(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def put(self, thing: ObjectDefinition, **fields: Any) -> None:
        package = Package.of({"objects": [changed(thing, **fields)]})
        with self.crm.work() as work:
            publish(work, package)

    def some(self, pick: int, *, archived: bool) -> Any:
        found = [each for each in self.thing().fields if each.name != "name" and each.archived == archived]
        return found[pick % len(found)] if found else None

    @rule(kind=st.sampled_from(["text", "number"]))
    def add(self, kind: str) -> None:
        DONE["add"] += 1
        body = self.thing().canonical()
        body["fields"].append(field(self.named("a"), kind))
        self.crm.publish(objects(body))

    @rule(pick=st.integers(0, 9))
    def archive(self, pick: int) -> None:
        DONE["archive"] += 1
        self.flag(self.some(pick, archived=False), archived=True)

    @rule(pick=st.integers(0, 9))
    def restore(self, pick: int) -> None:
        DONE["restore"] += 1
        self.flag(self.some(pick, archived=True), archived=False)

    def flag(self, chosen: Any, *, archived: bool) -> None:
        if chosen is not None:
            thing = self.thing()
            fields = tuple(changed(f, archived=archived) if f.name == chosen.name else f for f in thing.fields)
            self.put(thing, fields=fields)

    @rule(pick=st.integers(0, 9))
    def rename(self, pick: int) -> None:
        DONE["rename"] += 1
        chosen = self.some(pick, archived=False)
        if chosen is not None:
            with self.crm.work() as work:
                path = f"objects/{self.name}/fields/{chosen.name}"
                publish(work, rename(work, Package(), path, self.named("r"), rules_of))

    @rule(pick=st.integers(0, 9))
    def rename_and_retype(self, pick: int) -> None:
        DONE["rename_and_retype"] += 1
        chosen = self.some(pick, archived=False)
        if chosen is not None:
            with self.crm.work() as work:
                path = f"objects/{self.name}/fields/{chosen.name}"
                after = rename(work, self.retyped(chosen), path, self.named("r"), rules_of)
                publish(work, after)

    @rule(pick=st.integers(0, 9))
    def retype(self, pick: int) -> None:
        DONE["retype"] += 1
        chosen = self.some(pick, archived=False)
        if chosen is not None:
            self.crm.publish(self.retyped(chosen))

    def retyped(self, *chosen: Any) -> Package:
        body = self.thing().canonical()
        for each in body["fields"]:
            if each["name"] in {field.name for field in chosen}:
                each["type"] = OTHER[each["type"]]
        return objects(body)

    @precondition(lambda self: self.kills < KILLS)
    @rule(delay=st.integers(0, 300), pick=st.integers(0, 9))
    def kill_a_publisher(self, delay: int, pick: int) -> None:
        """In the middle of giving one field another type and adding another: both are there afterwards, or neither."""
        DONE["kill_a_publisher"] += 1
        self.kills += 1
        before, chosen = self.thing(), self.some(pick, archived=False)
        name = self.named("k")
        body = self.retyped(chosen).objects[0].canonical() if chosen else before.canonical()
        body["fields"].append(field(name))
        command = [sys.executable, "-m", "tests.integration.publisher", self.url]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
        ) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(json.dumps(body) + "\n")
            child.stdin.flush()
            assert child.stdout.readline() == "ready\n"
            child.stdin.write("go\n")
            child.stdin.flush()
            time.sleep(delay / 1000)
            child.send_signal(signal.SIGKILL)
        fields = {each.name: each.type for each in before.fields}
        wanted = {each["name"]: each["type"] for each in body["fields"]}
        after = {each.name: each.type for each in self.thing().fields}
        DONE["killed before its end" if after == fields else "killed too late"] += 1
        assert after in (fields, wanted)

    def teardown(self) -> None:
        self.writer.done.set()
        self.writer.join(30)
        assert self.writer.surprises == []
        thing = self.thing()
        self.put(thing, fields=tuple(changed(each, archived=False) for each in thing.fields))
        fields = {identity(each): each.name for each in self.thing().fields}
        assert self.writer.acknowledged
        for record, (number, written) in self.writer.acknowledged.items():
            values = self.crm.get(RecordRef(self.name, record)).values
            assert values["name"] == f"w{number}"
            assert {each: str(values[fields[each]]) for each in written} == dict.fromkeys(written, str(number))


def test_random_edits_with_writers_and_kills_lose_nothing(crm: Crm, database_url: str) -> None:
    how = settings(
        max_examples=RUNS,
        stateful_step_count=max(EDITS // RUNS, 4),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate],
        derandomize=EDITS < 100,
    )
    run_state_machine_as_test(lambda: SchemaEdits(crm, database_url), settings=how)
    print(dict(DONE))  # noqa: T201 - figures for whoever runs the long form
    assert sum(DONE.values()) >= EDITS // 3, DONE
