"""Logging in, the sessions that come of it, and how guessing is slowed down."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from crm_app.kernel import clock
from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Forbidden, NotFound, TrellisError, Unauthenticated
from crm_app.kernel.ids import secret_hash
from crm_app.services import session_uses, throttle
from crm_app.services.accounts import add_user
from crm_app.services.devices import device_words
from crm_app.services.log_in import log_in, log_out
from crm_app.services.sessions import Visitor, end_session, end_sessions, list_sessions, session_actor
from crm_app.services.throttle import LoginRefused, TooManyAttempts, delay_after
from crm_app.services.workspace import Workspace
from crm_app.storage.system_tables import UserRow, table_of
from tests.builders import KEYS, SYSTEM, Crm

PASSWORD = "a quiet green teapot"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


@pytest.fixture
def other(crm: Crm, database_url: str) -> Iterator[Workspace]:
    """What a second process has of the same database."""
    assert crm
    workspace = Workspace.open(database_url, pool_size=2, keys=KEYS)
    yield workspace
    workspace.close()


def person(crm: Crm, name: str = "Ann", *roles: str) -> UUID:
    with crm.work() as work:
        return add_user(work, name, f"{name.lower()}@example.com", roles=roles, password=PASSWORD)


def enter(workspace: Workspace, name: str = "Ann", **more: str) -> str:
    return log_in(workspace, f"{name}@example.com", PASSWORD, Visitor(**more)).secret


def is_live(workspace: Workspace, secret: str) -> bool:
    try:
        with workspace.work(session_actor(secret)):
            return True
    except Unauthenticated:
        return False


def test_each_session_says_where_it_is(crm: Crm) -> None:
    person(crm)
    enter(crm.workspace, address="192.0.2.7", agent="curl/8")
    secret = enter(crm.workspace, address="192.0.2.9", agent=FIREFOX)
    with crm.work(session_actor(secret)) as work:
        found = {session.device: session for session in list_sessions(work)}
    assert set(found) == {"curl", "Firefox on Linux"}
    assert found["Firefox on Linux"].is_this
    assert not found["curl"].is_this
    assert (found["curl"].address, found["curl"].method) == ("192.0.2.7", "password")


def test_an_ended_session_is_refused_at_the_next_request_in_every_process(crm: Crm, other: Workspace) -> None:
    person(crm)
    first, second, third = (enter(crm.workspace) for _ in range(3))
    assert is_live(other, second)
    with crm.work(session_actor(first)) as work:
        gone = next(each for each in list_sessions(work) if not each.is_this)
        end_session(work, gone.id)
    assert sorted(is_live(other, secret) for secret in (first, second, third)) == [False, True, True]
    with crm.work(session_actor(first)) as work:
        assert end_sessions(work) == 1
    assert [is_live(other, secret) for secret in (first, second, third)] == [True, False, False]
    log_out(other, first)
    assert not is_live(crm.workspace, first)


def test_only_an_administrator_ends_the_sessions_of_others(crm: Crm, other: Workspace) -> None:
    ann, bob = person(crm), person(crm, "Bob")
    secret = enter(crm.workspace)
    with crm.work(UserActor(bob)) as work:
        for refused in (lambda: list_sessions(work, ann), lambda: end_sessions(work, ann)):
            with pytest.raises(Forbidden):
                refused()
    with crm.work(SYSTEM) as work:
        (session,) = list_sessions(work, ann)
    with crm.work(UserActor(bob)) as work, pytest.raises(NotFound):
        end_session(work, session.id)
    assert is_live(other, secret)
    with crm.work(SYSTEM) as work:
        end_session(work, session.id, ann)
    assert not is_live(other, secret)


def test_a_session_ends_when_it_is_left_alone_and_after_a_working_day(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_uses, "NOTE_SECONDS", 0)
    person(crm)
    with clock.frozen(NOON):
        used, left = enter(crm.workspace), enter(crm.workspace)
    for hour in range(1, 12):
        with clock.frozen(NOON + timedelta(hours=hour)):
            assert is_live(crm.workspace, used)
    with clock.frozen(NOON + timedelta(hours=3)):
        assert not is_live(crm.workspace, left)
    with clock.frozen(NOON + timedelta(hours=12, seconds=1)):
        assert not is_live(crm.workspace, used)


def test_nothing_of_a_session_can_be_used_by_who_reads_the_database(crm: Crm) -> None:
    person(crm)
    secret = enter(crm.workspace)
    with crm.workspace.owned() as connection:
        row = str(connection.execute(text("SELECT * FROM crm.session")).one())
    assert secret not in row
    assert not is_live(crm.workspace, secret_hash(secret))


def fail(workspace: Workspace, times: int = 1, **more: str) -> list[str]:
    codes: list[str] = []
    for _ in range(times):
        try:
            log_in(workspace, "ann@example.com", "wrong", Visitor(**more))
        except LoginRefused as refusal:
            codes.append(refusal.code)
    return codes


def test_guessing_waits_longer_each_time_but_never_more_than_a_quarter_of_an_hour(crm: Crm) -> None:
    person(crm)
    assert [delay_after(n, 5).total_seconds() for n in (0, 4, 5, 6, 7, 50)] == [0, 0, 30, 60, 120, 900]
    with clock.frozen(NOON):
        assert fail(crm.workspace, 6) == ["login_refused"] * 5 + ["too_many_attempts"]
        with pytest.raises(TooManyAttempts, match=r"again in 31 seconds"):
            enter(crm.workspace)
    with clock.frozen(NOON + timedelta(seconds=31)):
        assert fail(crm.workspace, 2) == ["login_refused", "too_many_attempts"]
    with clock.frozen(NOON + timedelta(seconds=95)):
        enter(crm.workspace)
        assert fail(crm.workspace, 6) == ["login_refused"] * 5 + ["too_many_attempts"]
    with clock.frozen(NOON + timedelta(hours=2)):
        assert fail(crm.workspace, 5) == ["login_refused"] * 5


def test_attempts_count_in_all_processes_together_and_at_once(crm: Crm, other: Workspace) -> None:
    person(crm)
    with ThreadPoolExecutor(4) as threads:
        codes = list(threads.map(lambda n: fail((crm.workspace, other)[n % 2])[0], range(12)))
    assert (codes.count("login_refused"), codes.count("too_many_attempts")) == (throttle.PER_ACCOUNT, 7)


def test_who_guesses_at_an_account_does_not_lock_its_own_device_out(crm: Crm) -> None:
    ann = person(crm)
    device = log_in(crm.workspace, "ann@example.com", PASSWORD, Visitor("192.0.2.1")).device
    fail(crm.workspace, 6, address="198.51.100.1")
    with pytest.raises(TooManyAttempts):
        enter(crm.workspace, address="192.0.2.1")
    assert enter(crm.workspace, address="192.0.2.1", known_device=device)
    person(crm, "Bob")
    bobs = log_in(crm.workspace, "bob@example.com", PASSWORD).device
    for false_device in (bobs, "made up", str(ann)):
        with pytest.raises(TooManyAttempts):
            enter(crm.workspace, address="192.0.2.1", known_device=false_device)


def test_one_address_that_tries_many_accounts_is_slowed_down(crm: Crm) -> None:
    person(crm)
    with clock.frozen(NOON):
        for number in range(throttle.PER_ADDRESS):
            with pytest.raises(LoginRefused):
                log_in(crm.workspace, f"p{number}@example.com", "wrong", Visitor("192.0.2.1"))
        with pytest.raises(TooManyAttempts):
            enter(crm.workspace, address="192.0.2.1")
        assert enter(crm.workspace, address="192.0.2.2")


@pytest.mark.parametrize("state", ["unknown", "without a password", "deactivated", "wrong password"])
def test_every_refusal_reads_the_same(crm: Crm, state: str) -> None:
    if state != "unknown":
        person(crm)
    changes = {"without a password": {"password_hash": ""}, "deactivated": {"is_active": False}}
    if state in changes:
        with crm.workspace.owned() as connection:
            connection.execute(table_of(UserRow).update().values(changes[state]))
    with pytest.raises(TrellisError) as refusal:
        log_in(crm.workspace, "ann@example.com", "wrong" if state == "wrong password" else PASSWORD)
    assert (refusal.value.code, refusal.value.message) == (
        "login_refused",
        "The email address or the password is not right.",
    )


def test_logging_in_and_out_is_in_the_audit_without_secrets(crm: Crm) -> None:
    person(crm)
    fail(crm.workspace, address="192.0.2.1")
    secret = enter(crm.workspace, address="192.0.2.1", agent=FIREFOX)
    with crm.work(session_actor(secret)) as work:
        end_session(work, list_sessions(work)[0].id)
    with crm.workspace.owned() as connection:
        query = text("SELECT name, actor ->> 'name', changes FROM crm.audit WHERE object = 'user' ORDER BY id")
        entries = [(name, actor, str(changes)) for name, actor, changes in connection.execute(query)]
    assert [(name, actor) for name, actor, _ in entries] == [
        ("user.created", "Trellis"),
        ("login.refused", "Ann"),
        ("login", "Ann"),
        ("session.ended", "Ann"),
    ]
    assert "Firefox on Linux" in entries[2][2]
    assert not any(hidden in str(entries) for hidden in (secret, secret_hash(secret), PASSWORD, "$argon2"))


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("python-httpx/0.28", "Python"),
        ("", "Unknown device"),
    ],
)
def test_a_device_is_told_in_words(agent: str, words: str) -> None:
    assert device_words(agent) == words
