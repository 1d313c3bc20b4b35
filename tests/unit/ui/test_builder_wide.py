"""The builder with 500 fields on one object: what an event costs the server, and what travels for it."""

import json
import time
from typing import Any

import pytest

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor
from crm_app.services.definitions import publish
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.fields_state import FieldsTab
from crm_app.ui.builder.parts_state import PartsTab
from tests.unit.ui.conftest import Crm, Send

pytestmark = pytest.mark.alone

WIDE = "/settings/objects/wide"
LAYOUT = f"{WIDE}?tab=layout"
FIELDS = 500
KINDS = ("text", "number", "date", "boolean", "email")
MOST_SECONDS = 0.6  # half of it on a machine that does nothing else


def _wide() -> dict[str, Any]:
    numbered = range(FIELDS - 1)
    fields = [{"name": f"field_{n}", "label": f"Field {n}", "type": KINDS[n % len(KINDS)]} for n in numbered]
    name = {"name": "name", "label": "Name", "type": "text", "required": True}
    return {"name": "wide", "label": "Wide", "plural": "Wides", "name_field": "name", "fields": [name, *fields]}


async def test_at_500_fields_an_event_takes_no_time_and_sends_what_changed(crm: Crm, send: Send) -> None:
    with crm.workspace.work(SystemActor("test")) as work:
        publish(work, load_package({"objects": {"objects/wide": _wide()}}))
    seconds: dict[str, list[float]] = {}

    async def sent(label: str, handler: Any, path: str = WIDE, **payload: Any) -> int:
        started = time.perf_counter()
        found = await send(handler, path, **payload)
        seconds.setdefault(label, []).append(time.perf_counter() - started)
        return len(json.dumps(found, default=str))

    await send(Builder.open, "/settings/objects/company")  # A tab's first event brings every page's state along.
    assert await sent("open", Builder.open) < 90_000
    for turn in range(3):
        assert await sent("choose", FieldsTab.choose, name=f"field_{turn}") < 8_000
        assert await sent("move", FieldsTab.move, name="field_400", group="fields", index=300 + turn) < 15_000
        assert await sent("save", FieldsTab.save, form={"label": f"Zone {turn}"}) < 90_000
    await sent("layout", Builder.open, LAYOUT)
    for turn in range(3):
        group = (await send(Builder.open, LAYOUT))["builder"].get("groups")
        assert group is None, "what is shown already is not sent again"
        assert await sent("section", PartsTab.choose, LAYOUT, name="0.0.0") < 40_000
        assert await sent("place", PartsTab.move, LAYOUT, thing="field_9", group="0.0.0", index=turn) < 50_000
    slow = {label: times for label, times in seconds.items() if min(times) > MOST_SECONDS}
    assert not slow, seconds
