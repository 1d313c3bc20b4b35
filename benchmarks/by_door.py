"""The same work through the services, as a page or an automation does it: one unit of work each."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.samples import Samples
from crm_app.kernel.actor import KeyActor, SystemActor
from crm_app.kernel.events import RecordRef
from crm_app.services.imports import find_files, find_mapping, import_files
from crm_app.services.lists import aggregate_records, list_records, search_names
from crm_app.services.record_query import Condition, RecordQuery, Sort
from crm_app.services.records import create_record, create_records, get_record, update_record
from crm_app.services.workspace import Workspace

MAPPING = Path(__file__).with_name("contacts.mapping.json")


class ByDoor:
    def __init__(self, url: str, samples: Samples, actor: KeyActor) -> None:
        self._workspace = Workspace.open(url, pool_size=1)
        self._samples = samples
        self._actor = actor

    def close(self) -> None:
        self._workspace.close()

    def operations(self) -> dict[str, Callable[[int], Any]]:
        return {
            "list": self.page,
            "read": self.read,
            "create": self.create,
            "update": self.update,
            "aggregate": self.aggregate,
            "search": self.search,
            "bulk": self.bulk,
        }

    def page(self, index: int) -> Any:
        query = RecordQuery(
            "deal",
            (
                Condition("stage", "eq", self._samples.stage(index)),
                Condition("close_date", "ge", self._samples.since(index)),
            ),
            sort=(Sort("close_date", descending=True),),
        )
        with self._workspace.work(self._actor) as work:
            return list_records(work, query)

    def read(self, index: int) -> Any:
        with self._workspace.work(self._actor) as work:
            ref = RecordRef("deal", self._samples.deal(index))
            return get_record(work, ref, ("company", "owner"), names=False)

    def create(self, index: int) -> Any:
        with self._workspace.work(self._actor) as work:
            return create_record(work, "deal", self._samples.values(index))

    def update(self, index: int) -> Any:
        with self._workspace.work(self._actor) as work:
            ref = RecordRef("deal", self._samples.deal(index))
            return update_record(work, ref, {"amount": str(index % 70_000 + 1)})

    def aggregate(self, _index: int) -> Any:
        with self._workspace.work(self._actor) as work:
            return aggregate_records(work, RecordQuery("deal"), "stage", ("amount",))

    def search(self, index: int) -> Any:
        with self._workspace.work(self._actor) as work:
            return search_names(work, "company", self._samples.words(index))

    def bulk(self, index: int) -> Any:
        raws = [self._samples.values(index * 1_000 + at) for at in range(1_000)]
        with self._workspace.work(self._actor) as work:
            return create_records(work, "deal", raws)

    def import_lines(self, file: Path) -> Any:
        mapping = find_mapping(str(MAPPING))
        with self._workspace.work(SystemActor("benchmark import")) as work:
            return import_files(work, mapping, find_files(mapping, [file]))
