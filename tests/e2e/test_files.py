"""Files in a browser: chosen, dropped, refused, taken off with the keyboard, saved and loaded again."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor
from crm_app.services.definitions import publish
from tests.builders import field, object_body
from tests.e2e.desk import Desk

PDF = b"%PDF-1.7\n" + b"0" * 5_000
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
_DROP = """(zone, name) => {
    const data = new DataTransfer();
    data.items.add(new File(['dropped here'], name, {type: 'text/plain'}));
    zone.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def payload(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


@pytest.fixture(scope="module", autouse=True)
def _papers(desk: Desk) -> None:
    paper: dict[str, Any] = object_body(
        "paper",
        field("scan", "file"),
        field("pictures", "file", config={"many": True, "kinds": ["image"], "max_bytes": 10_000}),
        list_fields=["name", "scan"],
        in_navigation=False,
    )
    with desk.workspace.work(SystemActor("test")) as work:
        publish(work, load_package({"objects": {"objects/paper.json": paper}}))


def test_files_are_chosen_saved_and_loaded_again(window: Page) -> None:
    window.goto("/o/paper/new")
    window.get_by_label("Name").fill("Signed paper")
    window.locator("#field-scan").set_input_files(payload("Contract (1).pdf", PDF))
    pictures = [payload("front.png", PNG), payload("back.png", PNG), payload("huge.png", PNG + b"0" * 20_000)]
    window.locator("#field-pictures").set_input_files(pictures)
    expect(window.locator('[data-field=pictures] [data-state="refused"]')).to_contain_text("at most 10 kB fit")
    expect(window.locator('[data-state="kept"]')).to_have_count(3)
    window.get_by_role("button", name="Create paper").click()
    expect(window.get_by_role("heading", level=1, name="Signed paper")).to_be_visible()
    expect(window.locator("img.file-picture")).to_have_count(2)
    expect(window.locator("img.file-picture").first).to_have_js_property("naturalWidth", 1)
    with window.expect_download() as loading:
        window.locator(".panel").get_by_role("link", name="Contract (1).pdf").click()
    assert loading.value.suggested_filename == "Contract (1).pdf"
    assert Path(loading.value.path()).read_bytes() == PDF


def test_a_file_is_dropped_and_taken_off_with_the_keyboard(window: Page) -> None:
    window.goto("/o/paper/new")
    window.get_by_label("Name").fill("Dropped paper")
    window.locator("[data-field=scan] .file-picker").evaluate(_DROP, "note.txt")
    kept = window.locator('[data-field=scan] [data-state="kept"]')
    expect(kept).to_contain_text("note.txt")
    remove = window.get_by_role("button", name="Remove note.txt")
    remove.focus()
    window.keyboard.press("Enter")
    expect(kept).to_have_count(0)
    expect(window.locator("#field-scan")).to_be_focused()
    window.get_by_role("button", name="Create paper").click()
    expect(window.get_by_role("heading", level=1, name="Dropped paper")).to_be_visible()
    expect(window.locator("[class*=file-link]")).to_have_count(0)


def test_a_list_is_exported_as_it_is_shown(window: Page, desk: Desk) -> None:
    desk.create("paper", name="=Not(a) formula")
    window.goto("/o/paper?f=name:contains:formula")
    expect(window.get_by_role("link", name="=Not(a) formula")).to_be_visible()
    with window.expect_download() as loading:
        window.get_by_role("link", name="Export").click()
    assert Path(loading.value.path()).read_text(encoding="utf-8-sig").splitlines() == ["Name,Scan", "'=Not(a) formula,"]
    expect(window.get_by_role("link", name="=Not(a) formula")).to_be_visible()
