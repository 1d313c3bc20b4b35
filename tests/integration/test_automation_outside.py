"""Steps that leave the product: what they send, how often, and what nobody may ever see."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import text

from crm_app.automation.checks import check
from crm_app.automation.execution import execute_step
from crm_app.automation.json_values import BadJsonValue
from crm_app.automation.messages import RunInput, StepInput
from crm_app.automation.steps.email import NoAddress
from crm_app.automation.steps.http import AnswerRefused
from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Forbidden, Invalid, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import parse_id
from crm_app.runtime.ports import free_port
from crm_app.services import mail_sending
from crm_app.services.connections import list_connections, opened_connection, remove_connection, save_connection
from crm_app.services.egress import EgressFailed, EgressRefused
from crm_app.services.mail_sending import MailRefused
from crm_app.services.mails import begin_sending, suppressed
from crm_app.services.timeline import timeline
from tests.workflows.builders import WON, Automated, automation, deals_and_tasks
from tests.workflows.runs import won_run

Make = Callable[..., Automated]
SECRET = "s3cr3t-of-the-erp"


@dataclass
class Post:
    """A real mail server that keeps what it took."""

    port: int = 0
    mails: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address.startswith("nobody@"):
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer.startswith("250"):
            parsed = cast("EmailMessage", message_from_bytes(envelope.content, policy=policy.default))
            self.mails.append((list(envelope.rcpt_tos), parsed))
        return answer


@pytest.fixture
def post() -> Iterator[Post]:
    found = Post(free_port())
    controller = Controller(found, hostname="127.0.0.1", port=found.port)
    controller.start()
    yield found
    controller.stop()


@dataclass
class Erp:
    url: str = ""
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    answers: list[tuple[int, Any, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def erp() -> Iterator[Erp]:
    found = Erp()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.asked.append((self.command, self.path, headers, json.loads(body) if body else None))
            status, answer, more = found.answers.pop(0) if found.answers else (200, {"ok": True}, {})
            written = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}"
        yield found
        server.shutdown()
        thread.join()


def connected(crm: Automated, name: str, **settings: Any) -> None:
    secret = settings.pop("secret", None)
    with crm.work() as work:
        save_connection(work, name, {"allows_private": True, **settings}, secret)


def mail_server(crm: Automated, post: Post, **more: Any) -> None:
    told = {"type": "smtp", "host": "127.0.0.1", "port": post.port, "security": "none", "sender": "crm@example.com"}
    connected(crm, "mail", **{**told, **more})


def step_of(run: RunInput) -> StepInput:
    assert run.blocks
    return StepInput(run.run, run.blocks[0], run.blocks[0].id)


def first(crm: Automated, run: RunInput) -> dict[str, Any]:
    return execute_step(crm.workspace, step_of(run)).output


def everything(crm: Automated) -> str:
    """All that the database holds, as text."""
    with crm.work() as work:
        tables = work.connection.execute(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'crm'")
        )
        rows = [work.connection.execute(text(f'SELECT * FROM crm."{name}"')).all() for name in tables.scalars()]  # noqa: S608
    return str(rows)


MAIL: dict[str, Any] = {
    "id": "thank", "type": "email", "connection": "mail", "to": "note", "subject": "About {{name}}",
    "body": "Dear friend,\n{{name}} {{secret}}.", "reply_to": "owner",
}  # fmt: skip
CALL: dict[str, Any] = {
    "id": "post", "type": "http", "connection": "erp", "path": "orders/{{note}}",
    "body": {"name": "name", "total": "amount", "secret": "secret"},
    "picks": {"number": {"path": "order.lines.0.number"}, "paid": {"path": "order.paid", "type": "bool"},
              "much": {"path": "order.lines.0.much", "type": "int"}},
}  # fmt: skip


def test_a_mail_goes_out_once_in_the_words_of_what_the_runner_may_see(make: Make, post: Post) -> None:
    crm = make(MAIL)
    mail_server(crm, post)
    run = won_run(crm, note="ann@example.org")
    crm.update(RecordRef("deal", cast("Any", parse_id(run.run.record))), {"secret": "hush"})
    assert first(crm, run) == first(crm, run) == {"state": "sent"}
    ((recipients, mail),) = post.mails
    assert recipients == ["ann@example.org"]
    assert (mail["subject"], mail["from"], mail["to"]) == ("About Acme", "crm@example.com", "ann@example.org")
    assert mail["reply-to"] == "rita@example.com"
    assert mail["message-id"].endswith("@example.com>")
    assert mail.get_content().replace("\r\n", "\n") == "Dear friend,\nAcme .\n"


def test_no_value_becomes_a_header_or_markup(make: Make, post: Post) -> None:
    crm = make({**MAIL, "to": "owner", "html": "<p>{{note}}</p><script>x</script>", "body": "{{note}}"})
    mail_server(crm, post)
    hostile = "<img src=x onerror=alert(1)>\nBcc: all@example.org"
    first(crm, won_run(crm, note=hostile))
    ((recipients, mail),) = post.mails
    assert recipients == ["rita@example.com"]
    assert mail["bcc"] is None
    html = cast("EmailMessage", mail.get_body(("html",))).get_content()
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "<script" not in html
    crm.close()


def test_a_subject_is_one_line(make: Make, post: Post) -> None:
    crm = make({**MAIL, "subject": "{{note}}", "to": "owner"})
    mail_server(crm, post)
    first(crm, won_run(crm, note="Hello\r\nBcc: all@example.org\n\nbody"))
    ((recipients, mail),) = post.mails
    assert (mail["subject"], mail["bcc"], recipients) == ("Hello Bcc: all@example.org body", None, ["rita@example.com"])


@pytest.mark.parametrize("address", ["", "nobody", "a@b.cc\nBcc: x@y.zz", "a@b.cc, c@d.ee", "<a@b.cc>"])
def test_what_is_no_address_gets_no_mail(make: Make, post: Post, address: str) -> None:
    crm = make(MAIL)
    mail_server(crm, post)
    with pytest.raises(NoAddress):
        first(crm, won_run(crm, note=address or None))
    assert post.mails == []


def test_an_address_that_is_refused_gets_no_mail_again(make: Make, post: Post) -> None:
    crm = make(MAIL)
    mail_server(crm, post)
    with pytest.raises(MailRefused, match="no such address"):
        first(crm, won_run(crm, note="Nobody@example.org".replace("N", "n")))
    assert first(crm, won_run(crm, note="NOBODY@example.org")) == {"state": "suppressed"}
    with crm.work() as work:
        assert [(address, reason) for address, reason, _ in suppressed(work)] == [
            ("nobody@example.org", "550 no such user here")
        ]


def test_a_busy_server_is_asked_again_and_one_that_refuses_is_not(make: Make, post: Post) -> None:
    crm = make(MAIL)
    mail_server(crm, post)
    post.answers = ["451 later", "250 taken", "554 spam\0here"]
    run = won_run(crm, note="ann@example.org")
    with pytest.raises(EgressFailed):
        first(crm, run)
    assert first(crm, run) == {"state": "sent"}
    refused = won_run(crm, note="ann@example.org")
    for _ in range(2):
        with pytest.raises(MailRefused, match="554 spam here"):
            first(crm, refused)
    assert len(post.mails) == 1


def test_what_may_have_gone_out_is_unknown_and_never_sent_again(
    make: Make, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm = make(MAIL)
    mail_server(crm, post)
    taken = mail_sending._Pinned.data

    def cut(self: Any, message: bytes) -> Any:
        taken(self, message)
        raise ConnectionResetError

    monkeypatch.setattr(mail_sending._Pinned, "data", cut)
    run = won_run(crm, note="ann@example.org")
    assert first(crm, run) == {"state": "unknown"}
    assert first(crm, run) == {"state": "unknown"}
    assert len(post.mails) == 1


def test_a_worker_that_died_while_sending_leaves_a_mail_that_is_unknown(make: Make, post: Post) -> None:
    crm = make(MAIL)
    mail_server(crm, post)
    run = won_run(crm, note="ann@example.org")
    post.answers = ["451 later"]
    with pytest.raises(EgressFailed):
        first(crm, run)
    with crm.work() as work:
        mail = work.connection.execute(text("SELECT id FROM crm.mail WHERE state = 'queued'")).scalar_one()
    assert begin_sending(crm.workspace, mail) is not None
    assert first(crm, run) == {"state": "unknown"}
    assert post.mails == []


def test_a_mail_is_in_the_timeline_and_its_words_only_for_whom_it_was_sent_for(make: Make, post: Post) -> None:
    crm = make(MAIL)
    mail_server(crm, post)
    run = won_run(crm, note="ann@example.org")
    first(crm, run)
    deal = RecordRef("deal", cast("Any", parse_id(run.run.record)))
    colleague = crm.user("Cora")
    with crm.work(crm.rep) as work:
        (own,) = [entry for entry in timeline(work, deal) if entry.kind == "mail"]
    with crm.work(colleague) as work:
        (other,) = [entry for entry in timeline(work, deal) if entry.kind == "mail"]
    assert (own.title, own.detail, own.actor) == ("About Acme", "Email to ann@example.org, sent", "Won")
    assert (other.title, other.detail) == ("Email", "Email, sent")


def test_a_call_carries_its_secret_and_key_and_gives_what_is_picked(make: Make, erp: Erp) -> None:
    crm = make(CALL)
    connected(crm, "erp", type="http", base_url=f"{erp.url}/api", auth="bearer", headers={"x-shop": "7"}, secret=SECRET)
    erp.answers = [(200, {"order": {"lines": [{"number": "A-1", "much": 2**63}], "paid": True}}, {})]
    run = won_run(crm, note="a/../b?c", amount="12.5 USD")
    crm.update(RecordRef("deal", cast("Any", parse_id(run.run.record))), {"secret": "hush"})
    assert first(crm, run) == first(crm, run) == {"status": 200, "number": "A-1", "paid": True, "much": 2**63}
    ((method, path, headers, body),) = erp.asked
    assert (method, path) == ("POST", "/api/orders/a%2F..%2Fb%3Fc")
    assert (headers["authorization"], headers["x-shop"]) == (f"Bearer {SECRET}", "7")
    assert headers["idempotency-key"].startswith(run.run.id)
    assert body == {"name": "Acme", "total": {"amount": "12.50", "currency": "USD"}, "secret": None}


def test_a_path_names_records_and_values_as_programs_do(make: Make, erp: Erp) -> None:
    path = "{{id}}/{{stage}}/{{amount / 2 USD}}/{{created_at}}?of={{owner}}"
    crm = make({**CALL, "path": path, "body": {}, "picks": {}})
    connected(crm, "erp", type="http", base_url=erp.url)
    run = won_run(crm, amount="1234.5 USD")
    first(crm, run)
    parts = urlsplit(erp.asked[0][1])
    record, stage, amount, created = unquote(parts.path).strip("/").split("/")
    assert (record, stage, amount) == (run.run.record, "won", "617.25")
    assert datetime.fromisoformat(created).tzinfo is not None
    assert parts.query == f"of={crm.rep.user_id}"


def test_a_repeated_call_has_the_same_key(make: Make, erp: Erp) -> None:
    crm = make({**CALL, "picks": {}})
    connected(crm, "erp", type="http", base_url=erp.url)
    erp.answers = [(503, {}, {}), (429, {}, {"retry-after": "7"}), (200, {}, {})]
    run = won_run(crm, note="x")
    with pytest.raises(EgressFailed):
        first(crm, run)
    with pytest.raises(EgressFailed) as refused:
        first(crm, run)
    assert refused.value.retry_after == 7
    assert first(crm, run) == {"status": 200}
    assert len({headers["idempotency-key"] for _, _, headers, _ in erp.asked}) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((404, {"why": "gone"}, {}), AnswerRefused),
        ((302, {}, {"location": "http://127.0.0.1/"}), AnswerRefused),
        ((404, b"gone\0", {}), AnswerRefused),
        ((200, {"order": {"paid": "yes"}}, {}), BadJsonValue),
        ((200, {"order": {"lines": [{"number": "a\0b"}]}}, {}), BadJsonValue),
        ((200, {"order": {"lines": [{"number": "\ud800"}]}}, {}), BadJsonValue),
        ((200, {"order": {"lines": [{"much": 2**64}]}}, {}), BadJsonValue),
    ],
)
def test_an_answer_that_says_no_or_something_else_ends_the_step(
    make: Make, erp: Erp, answer: Any, error: type[Exception]
) -> None:
    crm = make(CALL)
    connected(crm, "erp", type="http", base_url=erp.url)
    erp.answers = [answer]
    with pytest.raises(error):
        first(crm, won_run(crm, note="x"))


def test_a_connection_reaches_this_machine_only_where_that_was_allowed(make: Make, erp: Erp, post: Post) -> None:
    crm = make(CALL)
    connected(crm, "erp", type="http", base_url=erp.url, allows_private=False)
    with pytest.raises(EgressRefused):
        first(crm, won_run(crm, note="x"))
    assert erp.asked == []
    mailing = deals_and_tasks(automation("won", WON, MAIL))
    crm.publish(mailing)
    mail_server(crm, post, allows_private=False)
    with pytest.raises(EgressRefused):
        first(crm, won_run(crm, note="ann@example.org"))
    assert post.mails == []


def test_a_secret_is_shown_to_nobody_and_is_nowhere_in_the_database(make: Make, erp: Erp) -> None:
    crm = make(CALL)
    connected(crm, "erp", type="http", base_url=erp.url, auth="bearer", secret=SECRET)
    erp.answers = [(200, {"order": {}}, {})]
    first(crm, won_run(crm, note="x"))
    assert SECRET not in everything(crm)
    with crm.work() as work:
        assert SECRET not in str(list_connections(work))
        assert opened_connection(work, "erp")[1] == SECRET


def test_a_secret_stays_when_other_settings_change_but_never_goes_to_another_machine(make: Make, erp: Erp) -> None:
    crm = make(CALL)
    connected(crm, "erp", type="http", base_url=erp.url, auth="bearer", secret=SECRET)
    connected(crm, "erp", type="http", base_url=erp.url, auth="bearer", headers={"x-a": "b"})
    with crm.work() as work:
        assert opened_connection(work, "erp")[1] == SECRET
        with pytest.raises(Invalid) as refused:
            save_connection(work, "erp", {"type": "http", "base_url": "https://elsewhere.example", "auth": "bearer"})
        assert [problem.path for problem in refused.value.problems] == ["secret"]
        remove_connection(work, "erp")
    with pytest.raises(NotFound, match="no connection 'erp'"):
        first(crm, won_run(crm, note="x"))


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"type": "ftp"}, "type"),
        ({"type": "http", "base_url": "ftp://x"}, "base_url"),
        ({"type": "http", "base_url": "http://u:p@x"}, "base_url"),
        ({"type": "http", "base_url": "http://x", "headers": {"host": "y"}}, "headers"),
        ({"type": "http", "base_url": "http://x", "headers": {"a": "b\r\nc: d"}}, "headers"),
        ({"type": "http", "base_url": "http://x", "header": "a b", "auth": "header"}, "header"),
        ({"type": "smtp", "host": "x y", "sender": "a@b.cc"}, "host"),
        ({"type": "smtp", "host": "x", "sender": "a@b.cc>\r\nBcc: x"}, "sender"),
        ({"type": "smtp", "host": "x", "sender": "a@b.cc", "sender_name": "a\r\nBcc: x"}, "sender_name"),
        ({"type": "smtp", "host": "x", "sender": "a@b.cc", "port": 0}, "port"),
    ],
)
def test_settings_of_connections_are_refused_at_their_place(make: Make, settings: Any, place: str) -> None:
    crm = make(MAIL)
    with crm.work() as work, pytest.raises(Invalid) as refused:
        save_connection(work, "it", settings)
    assert [problem.path for problem in refused.value.problems] == [place]


def test_only_administrators_see_and_change_connections(make: Make) -> None:
    crm = make(MAIL)
    rep: UserActor = crm.rep
    asked: list[Callable[[Any], object]] = [
        list_connections,
        lambda work: save_connection(work, "it", {"type": "http", "base_url": "http://x"}),
        lambda work: remove_connection(work, "it"),
        suppressed,
    ]
    for ask in asked:
        with crm.work(rep) as work, pytest.raises(Forbidden):
            ask(work)


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ({**MAIL, "to": "amount"}, "to"),
        ({**MAIL, "subject": "{{nope}}"}, "subject/tag-0"),
        ({**CALL, "method": "GET"}, "body"),
        ({**CALL, "method": "TRACE"}, "method"),
        ({**CALL, "picks": {"status": {"path": "a"}}}, "picks/status"),
        ({**CALL, "path": "{{nope}}"}, "path/tag-0"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_their_place(step: dict[str, Any], place: str) -> None:
    found = check(deals_and_tasks(automation("it", WON, step)))
    assert [problem.path for problem in found] == [f"automations/it/steps/0/{place}"]
