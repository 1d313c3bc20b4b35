"""Lines of files that name a record by its name, by another field, or by the key that it was imported with."""

import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crm_app.definitions.mapping import ImportMapping
from crm_app.services.import_keys import remember
from crm_app.services.imports import import_files
from crm_app.services.unit_of_work import UnitOfWork
from tests.access.decisions import Both, Decision
from tests.access.facts import Person
from tests.access.reference import EDITABLE, MASKED

MAPPING = ImportMapping.model_validate(
    {
        "format_version": 1, "name": "proof", "label": "Proof",
        "files": [
            {"file": "companies.csv", "object": "company", "key": ["key"], "fields": {"name": "name"}},
            {"file": "by_key.csv", "object": "deal", "key": ["key"], "fields": {"name": "name", "company": "target"}},
            {"file": "by_name.csv", "object": "note", "key": ["key"], "fields": {"name": "name", "deal": "target"}},
            {
                "file": "by_secret.csv", "object": "note", "key": ["key"],
                "fields": {"name": "name", "deal": {"column": "target", "match": "secret"}},
            },
        ],
    }
)  # fmt: skip
FIRST_LINE = 2


class Importing(Both):
    def decisions(self) -> Iterator[Decision]:
        world = self.model.world
        keys = {f"key {number}": company.id for number, company in enumerate(world.of("company"))}
        with self.crm.work() as work:
            remember(work.connection, "proof/companies.csv", "company", [(key, at, "") for key, at in keys.items()])
        by_name = {deal.values["name"]: deal.id for deal in world.of("deal")}
        by_secret = {deal.values["secret"]: deal.id for deal in world.of("deal") if deal.values["secret"]}
        for me in world.people.values():
            for file, name, relation, targets in (
                ("by_key.csv", "deal", "company", keys),
                ("by_name.csv", "note", "deal", by_name),
                ("by_secret.csv", "note", "deal", by_secret),
            ):
                yield from self._lines(me, file, name, relation, targets)

    def _lines(self, me: Person, file: str, name: str, relation: str, targets: dict[str, Any]) -> Iterator[Decision]:
        model = self.model
        is_open = file != "by_secret.csv" or (
            model.has(me, "read", "deal") and model.level(me, "deal", "secret") > MASKED
        )
        expected = "done"
        if not model.has(me, "read", name) or not model.has(me, "import", name):
            expected = "forbidden" if model.has(me, "read", name) else "absent"
        elif (file == "by_secret.csv" and not is_open) or model.level(me, name, relation) < EDITABLE:
            expected = "invalid"
        refused: list[set[int]] = []
        got = self.undone(me, lambda work: refused.append(_refused(work, file, targets)))
        yield Decision("import", me, file, expected, got)
        if got != "done":
            return
        for number, (text, target) in enumerate(targets.items(), start=FIRST_LINE):
            is_made = model.create(me, name, {"name": "New", relation: target}) == "done"
            yield Decision("import match", me, f"{file} {text}", is_made, number not in refused[0])


def _refused(work: UnitOfWork, file: str, targets: dict[str, Any]) -> set[int]:
    """The lines that were not taken."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / file
        with place.open("w", newline="", encoding="utf-8") as lines:
            writer = csv.writer(lines)
            writer.writerow(("key", "name", "target"))
            writer.writerows((number, "New", text) for number, text in enumerate(targets))
        report = import_files(work, MAPPING, {file: place})
    return {remark.line for remark in report.files[0].remarks if remark.outcome == "refused"}
