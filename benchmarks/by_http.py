"""The same work as a program asks for it over HTTP."""

from collections.abc import Callable
from urllib.parse import urlencode

import orjson

from benchmarks.http_load import Ask
from benchmarks.samples import Samples

_DEALS = "/api/v1/objects/deal/records"
_COMPANIES = "/api/v1/objects/company/records"


class ByHttp:
    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def operations(self) -> dict[str, Callable[[int], Ask]]:
        return {
            "list": self.page,
            "read": self.read,
            "create": self.create,
            "update": self.update,
            "aggregate": self.aggregate,
            "search": self.search,
            "bulk": self.bulk,
        }

    def page(self, index: int) -> Ask:
        query = {
            "filter[stage]": self._samples.stage(index),
            "filter[close_date][ge]": self._samples.since(index),
            "sort": "-close_date",
        }
        return Ask("GET", f"{_DEALS}?{urlencode(query)}")

    def read(self, index: int) -> Ask:
        return Ask("GET", f"{_DEALS}/{self._samples.deal(index)}?expand=company,owner")

    def create(self, index: int) -> Ask:
        return Ask("POST", _DEALS, orjson.dumps({"values": self._samples.values(index)}))

    def update(self, index: int) -> Ask:
        body = {"values": {"amount": str(index % 70_000 + 1)}}
        return Ask("PATCH", f"{_DEALS}/{self._samples.deal(index)}", orjson.dumps(body))

    def aggregate(self, _index: int) -> Ask:
        return Ask("GET", f"{_DEALS}/aggregate?group_by=stage&sum=amount")

    def search(self, index: int) -> Ask:
        query = {"search": self._samples.words(index), "limit": 8, "fields": "name", "sort": "name"}
        return Ask("GET", f"{_COMPANIES}?{urlencode(query)}")

    def bulk(self, index: int) -> Ask:
        records = [{"values": self._samples.values(index * 1_000 + at)} for at in range(1_000)]
        return Ask("POST", f"{_DEALS}/bulk", orjson.dumps({"records": records}))
