"""Files over HTTP: what is taken in, whose it is, who gets it back, and when it goes."""

import errno
import struct
import zlib
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from itertools import chain
from zipfile import ZipFile

import httpx
import pytest

from crm_app.automation.rules import rules_of
from crm_app.definitions.package import Package
from crm_app.fields.file import MAX_BYTES
from crm_app.fields.file_kinds import FILE_KINDS
from crm_app.kernel import clock
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id, parse_id
from crm_app.services import files as files_service
from crm_app.services.definitions import publish
from crm_app.services.files import sweep
from crm_app.services.records import create_record
from crm_app.services.renames import rename
from crm_app.services.trash import restore_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.values import BadValues
from crm_app.storage import file_store
from tests.builders import Crm
from tests.integration.api_client import Api
from tests.integration.files import (
    FILES,
    PAPERS,
    PDF,
    PNG,
    TEXT,
    add_people,
    business_with_papers,
    change,
    got,
    picture,
    save,
    saved,
    send,
    sent,
)


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    crm = Crm(database_url, business_with_papers())
    found = Api(crm)
    add_people(found)
    yield found
    crm.close()


def contents(api: Api) -> list[bytes]:
    return [path.read_bytes() for path in api.crm.files.rglob("*") if path.is_file()]


def test_a_file_comes_back_as_it_was_sent_and_is_never_shown_in_a_page(api: Api) -> None:
    client = api.client("will")
    answer = send(client, "Straße \u2013 1.pdf", PDF)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["name"], body["size"], body["type"]) == ("Straße \u2013 1.pdf", len(PDF), "application/pdf")
    assert answer.headers["location"] == f"{FILES}/{body['id']}"
    record = saved(client, scan=body["id"])
    shown = {"id": body["id"], "name": "Straße \u2013 1.pdf", "size": len(PDF), "type": "application/pdf"}
    assert record["values"]["scan"] == shown
    back = client.get(f"{FILES}/{body['id']}")
    assert back.content == PDF
    assert back.headers["content-type"] == "application/pdf"
    assert back.headers["content-disposition"] == (
        "attachment; filename=\"Stra_e _ 1.pdf\"; filename*=UTF-8''Stra%C3%9Fe%20%E2%80%93%201.pdf"
    )
    assert back.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in back.headers["content-security-policy"]
    again = client.get(f"{FILES}/{body['id']}", headers={"if-none-match": back.headers["etag"]})
    assert again.status_code == 304


def test_a_form_with_one_file_will_do(api: Api) -> None:
    client = api.client("will")
    answer = client.post(FILES, files={"file": ("a.txt", TEXT, "image/png")})
    assert (answer.status_code, answer.json()["type"]) == (201, "text/plain")
    for form in ({"other": ("a.txt", TEXT)}, {"file": ("", TEXT)}):
        assert client.post(FILES, files=form).status_code == 422
    two = client.post(FILES, files=[("file", ("a.txt", TEXT)), ("file", ("b.txt", TEXT))])
    assert two.status_code == 422
    broken = client.post(FILES, content=b"--x", headers={"content-type": "multipart/form-data; boundary=y"})
    assert broken.status_code == 422
    assert client.post(FILES, content=b"x", headers={"content-type": "multipart/form-data"}).status_code == 422
    assert len(contents(api)) == 1


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.txt", "..\\x.txt", "/etc/x.txt", "a\x00.txt", "a\r\nb.txt", "gnp\u202etxt.txt", "a/../b.txt",
     "x.exe", "x.html.scr", "x", ".txt", "x.", "", " ", "x" * 300 + ".txt", "C:x.txt", "a\u200bb.txt", "..", "a.php"],
)  # fmt: skip
def test_names_that_lead_elsewhere_or_say_no_kind_are_refused(api: Api, name: str) -> None:
    client = api.client("will")
    raw = send(client, name, TEXT)
    assert raw.status_code == 422, raw.text
    assert raw.json()["error"]["message"].endswith(".")
    assert contents(api) == []


def _zip(*members: tuple[str, str]) -> bytes:
    body = BytesIO()
    with ZipFile(body, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return body.getvalue()


ODT = _zip(("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<x/>"))
DOCX = _zip(("[Content_Types].xml", "<x/>"), ("word/document.xml", "<x/>"))
XLSX = _zip(("[Content_Types].xml", "<x/>"), ("xl/workbook.xml", "<x/>"))
PPTX = _zip(("[Content_Types].xml", "<x/>"), ("ppt/presentation.xml", "<x/>"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
HONEST: dict[str, bytes] = {
    "png": PNG, "jpg": picture("JPEG"), "gif": picture("GIF"), "jpeg": picture("JPEG"), "webp": picture("WEBP"),
    "bmp": b"BM" + b"\x00" * 60, "tif": b"II*\x00" + b"\x00" * 20, "tiff": b"MM\x00*" + b"\x00" * 20,
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>', "pdf": PDF, "rtf": b"{\\rtf1 hello}", "docx": DOCX,
    "xlsx": XLSX, "pptx": PPTX, "odt": ODT, "doc": OLE, "xls": OLE, "ppt": OLE, "msg": OLE,
    "ods": _zip(("mimetype", "application/vnd.oasis.opendocument.spreadsheet")),
    "odp": _zip(("mimetype", "application/vnd.oasis.opendocument.presentation")),
    "csv": b"a,b\r\n1,2\r\n", "tsv": b"a\tb\n", "txt": TEXT, "log": b"MZ is how it starts",
    "md": b"# Hello", "json": b"{}",
    "xml": b'<?xml version="1.0"?><a/>', "html": b"<!doctype html><p>x", "htm": b"<html></html>",
    "ics": b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", "vcf": b"BEGIN:VCARD\r\nEND:VCARD", "eml": b"From: a@b.c\r\n\r\nhello",
    "zip": _zip(("a.txt", "x")), "gz": b"\x1f\x8b\x08\x00" + b"\x00" * 20, "7z": b"7z\xbc\xaf\x27\x1c\x00\x04",
    "mp3": b"ID3\x03\x00" + b"\x00" * 20, "wav": b"RIFF\x10\x00\x00\x00WAVEfmt " + b"\x00" * 20,
    "ogg": b"OggS\x00\x02" + b"\x00" * 20, "flac": b"fLaC\x00" + b"\x00" * 20,
    "mp4": b"\x00\x00\x00\x20ftypmp42" + b"\x00" * 20,
    "mov": b"\x00\x00\x00\x14ftypqt  " + b"\x00" * 20,
    "webm": b"\x1aE\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1fB\x86\x81\x01B\x82\x84webm",
}  # fmt: skip


def test_every_kind_is_taken_for_what_it_is(api: Api) -> None:
    assert set(HONEST) == set(FILE_KINDS)
    client = api.client("will")
    types = {
        extension: send(client, f"a.{extension}", content).json().get("type") for extension, content in HONEST.items()
    }
    assert types == {extension: kind.media_type for extension, kind in FILE_KINDS.items()}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", PDF), ("a.pdf", PNG), ("a.txt", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("a.csv", b"<svg onload=x>"),
        ("a.txt", b"\x7fELF\x02\x01\x01\x00"), ("a.txt", PDF), ("a.docx", _zip(("a.txt", "x"))), ("a.xlsx", DOCX),
        ("a.odt", DOCX), ("a.svg", b"<html></html>"), ("a.jpg", b"GIF89a" + b"\x00" * 40),
        ("a.png", b""), ("a.txt", b""),
        ("a.png", TEXT), ("a.json", b"\x00\x01"), ("a.ics", TEXT), ("a.zip", b"MZ" + b"\x00" * 60),
        ("a.md", b" \r\n<?xml version='1.0'?>"),
    ],
)  # fmt: skip
def test_a_content_that_is_not_what_its_name_says_is_refused(api: Api, name: str, content: bytes) -> None:
    answer = send(api.client("will"), name, content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_file")
    assert contents(api) == []


def bomb(width: int, height: int) -> bytes:
    """A picture of a few bytes that says how large it is."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return PNG[:8] + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + PNG[33:]


def test_a_picture_that_unfolds_to_gigabytes_is_refused_before_anybody_shows_it(api: Api) -> None:
    client = api.client("will")
    for width, height in ((7_100, 7_100), (12_000, 12_000), (2**31 - 1, 2**31 - 1), (60_000_000, 1)):
        answer = send(client, "a.png", bomb(width, height))
        assert "too many pixels" in answer.text, (width, height)
    gif = picture("GIF")
    assert "too many pixels" in send(client, "a.gif", gif[:6] + b"\xff\xff\xff\xff" + gif[10:]).text
    assert send(client, "a.png", bomb(7_000, 7_000)).status_code == 201


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif", "a.webp"])
def test_a_picture_that_can_not_be_read_is_refused(api: Api, name: str) -> None:
    whole = picture({"jpg": "JPEG"}.get(name[2:], name[2:].upper()))
    for length in (12, 16, 20):
        answer = send(api.client("will"), name, whole[:length])
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_file"), length


def test_a_stream_is_cut_where_it_gets_too_long(api: Api) -> None:
    client = api.client("will")

    lies = {"content-length": "10"}
    answer = client.post(FILES, params={"name": "a.txt"}, content=b"x" * 2 * MAX_BYTES, headers=lies)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    lying_form = client.post(FILES, files={"file": ("a.txt", b"x" * 2 * MAX_BYTES)}, headers=lies)
    assert lying_form.status_code == 413
    told = client.post(FILES, params={"name": "a.txt"}, content=b"x" * (MAX_BYTES + 20_000))
    assert told.status_code == 413
    form = client.post(FILES, files={"file": ("a.txt", b"x" * (MAX_BYTES + 20_000))})
    assert form.status_code == 413
    assert contents(api) == []
    assert send(client, "a.txt", b"x" * MAX_BYTES).status_code == 201


def test_a_full_disk_is_a_sentence_and_leaves_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api.client("will")
    with monkeypatch.context() as patched:
        patched.setattr(file_store.os, "fsync", _full)
        answer = send(client)
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "no_space")
    assert "no space left" in answer.json()["error"]["message"]
    monkeypatch.setattr(file_store, "RESERVE_BYTES", 10**18)
    assert send(client).status_code == 507
    assert contents(api) == []


def _full(_descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_who_only_sends_and_never_saves_is_stopped(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_service, "MAX_WAITING", 2)
    client = api.client("will")
    first = [sent(client) for _ in range(2)]
    answer = send(client)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "too_many_files")
    saved(client, scan=first[0])
    assert send(client).status_code == 201
    assert send(api.client("wendy")).status_code == 201


def test_without_a_key_nothing_is_read_or_sent(api: Api) -> None:
    file = sent(api.client("will"))
    nobody = api.client("")
    assert (got(nobody, file), send(nobody).status_code) == (401, 401)
    wrong = httpx.Client(transport=nobody._transport, base_url="http://trellis", headers={"authorization": "Bearer x"})
    assert (got(wrong, file), send(wrong).status_code) == (401, 401)
    assert len(contents(api)) == 1


def test_a_file_of_somebody_else_can_not_be_attached_anywhere(api: Api) -> None:
    """Hardening, failure 10: a foreign attachment id was accepted."""
    will, wendy = api.client("will"), api.client("wendy")
    waiting = sent(will)
    attached = sent(will)
    his = saved(will, scan=attached)
    hers = saved(wendy)
    for file in (waiting, attached, str(new_id())):
        for answer in (
            save(wendy, scan=file),
            save(wendy, scan={"id": file, "name": "a.pdf", "size": 1, "type": "application/pdf"}),
            change(wendy, hers, scan=file),
            change(wendy, hers, secret=file),
            wendy.post(f"{PAPERS}/bulk", json={"records": [{"values": {"name": "x", "scan": file}}]}),
        ):
            assert answer.status_code == 422, answer.text
            problem = answer.json()["error"]["problems"][0]
            assert (problem["path"].split("/")[-1][:6] in {"scan", "secret"}, "not yours" in problem["message"]) == (
                True,
                True,
            )
        assert got(wendy, file) == 404
    assert got(will, attached) == 200
    assert change(will, his, scan=attached, name="Same file, other name").status_code == 200


def test_one_file_is_held_by_one_field_of_one_record(api: Api) -> None:
    client = api.client("will")
    file = sent(client)
    both = client.post(f"{PAPERS}/bulk", json={"records": [{"values": {"name": n, "scan": file}} for n in "ab"]})
    assert both.status_code == 422
    assert both.json()["error"]["problems"][0]["path"] == "1/scan"
    assert save(client, scan=file, secret=file).status_code == 422
    record = saved(client, scan=file)
    assert save(client, scan=file).status_code == 422
    assert change(client, record, scan=None, secret=file).status_code == 422
    with pytest.raises(BadValues), api.crm.work(api.people["will"]) as work:
        _two_papers(work, sent(client))


def _two_papers(work: UnitOfWork, file: str) -> None:
    for name in "ab":
        create_record(work, "paper", {"name": name, "scan": file})


def test_who_may_read_a_file_is_who_may_read_its_field_of_its_record(api: Api) -> None:
    will = api.client("will")
    scan, secret = sent(will), sent(will)
    assert [got(api.client(name), scan) for name in ("will", "wendy", "clara", "gus", "max")] == [
        200,
        404,
        404,
        404,
        404,
    ]
    record = saved(will, scan=scan, secret=secret)
    seen = {
        name: (got(api.client(name), scan), got(api.client(name), secret))
        for name in ("will", "wendy", "clara", "gus", "max")
    }
    assert seen == {
        "will": (200, 200), "wendy": (404, 404), "clara": (200, 404), "gus": (200, 404), "max": (200, 200),
    }  # fmt: skip
    assert change(api.client("clara"), record, scan=secret).status_code == 422
    assert change(api.client("gus"), record, scan=None).status_code == 403
    refusals = {api.client("wendy").get(f"{FILES}/{name}").text for name in (scan, secret, new_id(), "x", "../x.pdf")}
    assert len({text for text in refusals if "no such file" in text}) == 1


def test_a_field_takes_only_what_its_config_says(api: Api) -> None:
    client = api.client("will")
    pictures = [sent(client, f"{n}.png", PNG) for n in range(3)]
    record = saved(client, pictures=pictures)
    assert [each["name"] for each in record["values"]["pictures"]] == ["0.png", "1.png", "2.png"]
    assert (
        change(client, record, pictures=[pictures[2], pictures[0]]).json()["values"]["pictures"][0]["name"] == "2.png"
    )
    for name, content, word in (("a.pdf", PDF, "takes image"), ("b.png", PNG + b"0" * 3000, "at most 2,000")):
        answer = save(client, pictures=[sent(client, name, content)])
        assert answer.status_code == 422
        assert word in answer.json()["error"]["problems"][0]["message"]
    assert save(client, scan=pictures).status_code == 422
    empty = client.get(PAPERS, params={"filter[scan][is_empty]": "true"}).json()["records"]
    assert [each["id"] for each in empty] == [record["id"]]
    assert client.get(PAPERS, params={"filter[pictures][is_not_empty]": "true"}).json()["records"]
    assert client.get(PAPERS, params={"where": "pictures is empty"}).json()["records"] == []


def test_what_is_taken_off_or_deleted_is_gone_at_once_and_swept_later(api: Api) -> None:
    client = api.client("will")
    kept, removed, deleted, never = (sent(client, f"{n}.pdf") for n in range(4))
    saved(client, scan=kept)
    record, other = saved(client, scan=removed), saved(client, scan=deleted)
    assert change(client, record, scan=None).status_code == 200
    assert client.delete(f"{PAPERS}/{other['id']}").status_code == 204
    assert [got(client, file) for file in (kept, removed, deleted, never)] == [200, 404, 404, 200]
    assert sweep(api.crm.workspace) == 0
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert sweep(api.crm.workspace) == 2
    assert [got(client, file) for file in (kept, never)] == [200, 404]
    assert len(contents(api)) == 2
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert sweep(api.crm.workspace) == 1
    assert len(contents(api)) == 1


def test_a_file_taken_off_can_be_put_back_while_it_is_there(api: Api) -> None:
    client = api.client("will")
    file = sent(client)
    record = saved(client, scan=file)
    change(client, record, scan=None)
    assert change(client, record, scan=file).status_code == 200
    with clock.frozen(clock.now() + timedelta(days=2)):
        assert sweep(api.crm.workspace) == 0
    assert got(client, file) == 200


def test_files_come_back_with_a_record_that_is_restored(api: Api) -> None:
    client = api.client("will")
    file = sent(client)
    record = saved(client, scan=file)
    ref = RecordRef("paper", parse_id(record["id"]) or new_id())
    assert client.delete(f"{PAPERS}/{record['id']}").status_code == 204
    assert got(client, file) == 404
    with api.crm.work(api.people["will"]) as work:
        restore_record(work, ref)
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert sweep(api.crm.workspace) == 0
    assert got(client, file) == 200


def test_what_a_crash_left_behind_is_swept(api: Api) -> None:
    client = api.client("will")
    sent(client)
    store = api.crm.workspace.files
    stray = store.path("ab" * 16)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    coming = store.incoming()
    coming.write(b"half")
    coming._file.close()
    assert sweep(api.crm.workspace) == 0
    with clock.frozen(clock.now() + timedelta(hours=20)):
        assert sweep(api.crm.workspace) == 0
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert sweep(api.crm.workspace) == 3
    assert contents(api) == []


def test_a_refused_record_leaves_its_files_free(api: Api) -> None:
    client = api.client("will")
    file = sent(client)
    assert save(client, scan=file, amount="many").status_code == 422
    record = saved(client, scan=file)
    ref = RecordRef("paper", parse_id(record["id"]) or new_id())
    assert change(client, record, scan=None, amount="many").status_code == 422
    assert got(client, file) == 200
    assert api.crm.get(ref).values["scan"][0]["id"] == file


def test_contents_have_random_names_in_two_levels_and_are_private(api: Api) -> None:
    sent(api.client("will"), "payroll.pdf")
    paths = [path for path in api.crm.files.rglob("*") if path.is_file()]
    parts = paths[0].relative_to(api.crm.files).parts
    assert [len(part) for part in parts] == [2, 2, 32]
    assert "payroll" not in "".join(chain.from_iterable(parts))
    assert paths[0].stat().st_mode & 0o077 == 0


def test_the_history_calls_files_by_their_names(api: Api) -> None:
    client = api.client("will")
    record = saved(client, scan=sent(client, "first.pdf"))
    change(client, record, scan=sent(client, "second.pdf"))
    entries = client.get(f"{PAPERS}/{record['id']}/timeline").json()["entries"]
    changes = [each for entry in entries for each in entry["changes"]]
    assert changes == [{"field": "Scan", "before": "first.pdf", "after": "second.pdf"}]


def test_an_export_for_programs_has_the_ids_of_files(api: Api) -> None:
    client = api.client()
    file = sent(client)
    saved(client, scan=file)
    assert file in client.get(f"{PAPERS}.csv", params={"fields": "scan"}).text


@pytest.mark.parametrize("path", ["objects/paper", "objects/paper/fields/scan"])
def test_a_file_stays_where_it_is_under_a_new_name(api: Api, path: str) -> None:
    client = api.client()
    file = sent(client)
    record = saved(client, scan=file)
    with api.crm.work() as work:
        publish(work, rename(work, Package(), path, "other", rules_of))
    assert got(client, file) == 200
    name, field = ("paper", "other") if "fields" in path else ("other", "scan")
    address = f"/api/v1/objects/{name}/records/{record['id']}"
    assert client.patch(address, json={"values": {field: file, "name": "Again"}}).status_code == 200
    assert client.get(address).json()["values"][field]["name"] == "a.pdf"
