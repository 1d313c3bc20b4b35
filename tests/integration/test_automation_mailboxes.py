"""Mail that arrives starts runs: each message once, about the record that it belongs to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import text

from crm_app.automation import mailboxes
from crm_app.automation.checks import check
from crm_app.automation.mailboxes import Postman
from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.events import RecordRef
from crm_app.services.connections import save_connection
from crm_app.services.mail_reading import letter_of
from crm_app.services.mails import NewMail, queue_mail
from crm_app.services.record_query import RecordQuery
from tests.builders import field
from tests.integration.mailbox import Box, imap_server
from tests.workflows.builders import Automated, automation, deals_and_tasks

Make = Callable[..., Automated]
TRIGGER: dict[str, Any] = {
    "type": "email.received",
    "object": "deal",
    "connection": "support",
    "address_field": "note",
    "values": {"name": "subject", "secret": "body"},
}
MARK: dict[str, Any] = {"id": "mark", "type": "update", "values": {"note": "vars.sender"}}
OPEN = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND state LIKE 'idle in transaction%'"
)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"0" * 500


@pytest.fixture
def box() -> Iterator[Box]:
    with imap_server("crm", "pass") as found:
        yield found


@pytest.fixture
def make(database_url: str, box: Box) -> Iterator[Make]:
    made: list[Automated] = []

    def build(**more: Any) -> Automated:
        crm = Automated(database_url)
        made.append(crm)
        crm.publish(package(**more))
        settings = {"type": "imap", "host": "127.0.0.1", "port": box.port, "security": "none", "user": "crm"}
        with crm.work() as work:
            save_connection(work, "support", {**settings, "allows_private": True}, "pass")
        return crm

    yield build
    for crm in made:
        crm.close()


def package(**more: Any) -> Package:
    found = deals_and_tasks(automation("mail", {**TRIGGER, **more}, MARK, run_as="rita@example.com"))
    deal = next(each for each in found.objects if each.name == "deal").canonical()
    from_files = field("papers", "file", config={"many": True})
    bodies = {"objects/deal.json": {**deal, "fields": [*deal["fields"], from_files]}}
    roles = [each.model_copy(update={"field_levels": ()}) for each in found.roles]
    return found.model_copy(update={"roles": tuple(roles)}).merged(load_package({"objects": bodies}))


def letter(number: int = 1, **headers: str) -> EmailMessage:
    message = EmailMessage()
    said = {"Message-ID": f"<{number}@example.org>", "From": "Ann Lee <ann@example.org>", "Subject": f"Hello {number}"}
    for name, value in {**said, **headers}.items():
        message[name.replace("_", "-")] = value
    message.set_content("We need more.\n")
    return message


def look(crm: Automated) -> int:
    return Postman(crm.workspace, lambda: None).look()


def given(crm: Automated) -> list[dict[str, Any]]:
    with crm.work() as work:
        return list(work.connection.execute(text("SELECT input -> 'given' FROM crm.run ORDER BY id")).scalars())


def test_a_mail_makes_a_record_with_its_papers_and_starts_one_run(make: Make, box: Box) -> None:
    crm = make(files="papers")
    sent = letter()
    sent.add_attachment(PDF, maintype="application", subtype="pdf", filename="offer.pdf")
    sent.add_attachment(b"MZ\x90\x00", maintype="application", subtype="octet-stream", filename="virus.exe")
    box.letters.append(sent.as_bytes())
    assert look(crm) == 1
    assert crm.names(RecordQuery("deal", rule="note = 'ann@example.org' and secret = 'We need more.'")) == ["Hello 1"]
    with crm.work() as work:
        assert list(work.connection.execute(text("SELECT name FROM crm.file WHERE record IS NOT NULL")).scalars()) == [
            "offer.pdf"
        ]
    assert given(crm)[0]["sender_name"] == "Ann Lee"
    assert (look(crm), box.seen) == (0, {1})


def test_each_message_counts_once_whatever_is_lost(make: Make, box: Box) -> None:
    crm = make()
    box.letters += [letter().as_bytes(), letter().as_bytes()]
    box.loses_marks = True
    assert (look(crm), look(crm)) == (1, 0)
    with crm.work() as work:
        work.connection.execute(text("DELETE FROM crm.webhook_message"))
    assert look(crm) == 0
    assert crm.count(RecordQuery("deal")) == 1


def test_nothing_is_held_open_while_a_mailbox_answers_and_one_reads_it(
    make: Make, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm = make()
    box.letters.append(letter().as_bytes())
    opened, seen = mailboxes.opened_mailbox, list[Any]()

    @contextmanager
    def watched(*given: Any) -> Iterator[Any]:
        with opened(*given) as mailbox:
            with crm.work() as work:
                seen.append(work.connection.execute(text(OPEN)).scalar_one())
            seen.append(look(crm))
            yield mailbox

    monkeypatch.setattr(mailboxes, "opened_mailbox", watched)
    assert (look(crm), seen) == (1, [0, 0])
    assert look(crm) == 0


def test_a_mail_is_about_the_record_of_its_thread_or_of_its_sender(make: Make, box: Box) -> None:
    crm = make()
    asked = crm.create("deal", crm.rep, name="Asked").ref
    known = crm.create("deal", crm.rep, name="Known", note="ann@example.org").ref
    mail = NewMail("k", "post", "crm@example.com", ["bob@example.org"], "Offer", "…", "", "", asked, "it")
    with crm.work(crm.rep) as work:
        sent = queue_mail(work, mail)
        found = text("SELECT message_id FROM crm.mail WHERE id = :id")
        ours = work.connection.execute(found, {"id": sent}).scalar_one()
    box.letters += [letter(1).as_bytes(), letter(2, In_Reply_To=ours, From="bob@example.org").as_bytes()]
    assert look(crm) == 2
    with crm.work() as work:
        about = list(work.connection.execute(text("SELECT record FROM crm.run ORDER BY id")).scalars())
    assert [RecordRef("deal", each) for each in about] == [known, asked]
    assert crm.count(RecordQuery("deal")) == 2


def test_machines_and_strangers_without_a_record_start_nothing(make: Make, box: Box) -> None:
    crm = make(values={})
    box.letters += [
        letter(1, Auto_Submitted="auto-replied").as_bytes(),
        letter(2).as_bytes(),
        b"\xff\x00 no mail at all",
    ]
    assert (look(crm), box.seen) == (0, {1, 2, 3})
    assert crm.count(RecordQuery("deal")) == 0


def test_a_mailbox_that_lets_nobody_in_keeps_no_other_from_its_mail(make: Make, box: Box) -> None:
    crm = make()
    with crm.work() as work:
        settings = {"type": "imap", "host": "127.0.0.1", "port": box.port, "security": "none", "user": "crm"}
        save_connection(work, "support", {**settings, "allows_private": True}, "wrong")
    box.letters.append(letter().as_bytes())
    assert (look(crm), box.seen) == (0, set())


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"From: \xff\xfe <>\r\nSubject: =?utf-8?B?x?=\r\n\r\nx",
        b"From: a@b.c, d@e.f\r\nContent-Type: text/html; charset=nope\r\n\r\n<script>x</script>Hi",
        b"Date: yesterday\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\n",
        b"Subject: a\r\n b\x00c\r\n\r\n\x00\x01",
    ],
)
def test_whatever_comes_is_read_as_text(raw: bytes) -> None:
    found = letter_of(raw, "7")
    assert "\x00" not in f"{found.subject}{found.body}{found.sender_name}{found.sender}"
    assert "<script" not in found.body


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"address_field": "stage"}, "address_field"),
        ({"files": "note"}, "files"),
        ({"values": {"name": "subject", "owner_": "body"}}, "values/owner_"),
        ({"values": {"name": "to"}}, "values/name"),
        ({"values": {"note": "body"}, "address_field": ""}, "values"),
    ],
)
def test_a_mailbox_that_cannot_work_is_not_published(changes: dict[str, Any], place: str) -> None:
    found = check(deals_and_tasks(automation("mail", {**TRIGGER, **changes}, MARK, run_as="rita@example.com")))
    assert [problem.path for problem in found] == [f"automations/mail/trigger/{place}"]
