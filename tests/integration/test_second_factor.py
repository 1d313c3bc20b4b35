"""A second factor is set up, shown once per code, replaced by recovery codes, asked for by roles, and reset."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import text

from crm_app.definitions.load import load_package
from crm_app.kernel import clock
from crm_app.kernel.actor import SessionActor, UserActor
from crm_app.kernel.errors import Conflict, Forbidden, Invalid, TrellisError, Unauthenticated
from crm_app.services import own_second_factor
from crm_app.services.accounts import add_user
from crm_app.services.log_in import Entry, log_in
from crm_app.services.role_people import give_role, take_role
from crm_app.services.second_factors import WrongCode
from crm_app.services.second_step import finish_set_up, show_code, shown_set_up, waiting_for
from crm_app.services.session_holds import require_second_factor
from crm_app.services.sessions import Visitor, session_actor
from crm_app.services.throttle import TooManyAttempts
from tests.builders import Crm, role_body

PASSWORD = "a quiet green teapot"
HERE = Visitor("192.0.2.1", "curl/8")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    with clock.frozen(NOON):
        yield crm
    crm.close()


@dataclass
class Ann:
    crm: Crm
    id: UUID
    actor: SessionActor
    seed: str = ""

    def code(self, steps: int = 0) -> str:
        return pyotp.TOTP(self.seed).at(int(clock.now().timestamp()) + 30 * steps)

    def enter(self) -> Entry:
        return log_in(self.crm.workspace, "ann@example.com", PASSWORD, HERE)

    def show(self, code: str) -> Entry:
        return show_code(self.crm.workspace, self.enter().secret, code, HERE)


def person(crm: Crm, *roles: str) -> Ann:
    with crm.work() as work:
        user = add_user(work, "Ann", "ann@example.com", roles=roles or ["rep"], password=PASSWORD)
    return Ann(crm, user, session_actor(log_in(crm.workspace, "ann@example.com", PASSWORD, HERE).secret))


@pytest.fixture
def ann(crm: Crm) -> Ann:
    """With a second factor that is set up, and nothing of it used at noon and half a minute."""
    ann = person(crm)
    with clock.frozen(NOON - timedelta(minutes=2)):
        with crm.work(ann.actor) as work:
            ann.seed = own_second_factor.begin(work).seed
        own_second_factor.confirm(crm.workspace, ann.actor, ann.code())
    return ann


def is_live(crm: Crm, secret: str) -> bool:
    try:
        with crm.work(session_actor(secret)):
            return True
    except Unauthenticated:
        return False


def test_a_password_alone_opens_nothing(crm: Crm, ann: Ann) -> None:
    waiting = ann.enter()
    assert (waiting.need, waiting.device, is_live(crm, waiting.secret)) == ("code", "", False)
    entry = show_code(crm.workspace, waiting.secret, ann.code(), HERE)
    assert entry.secret != waiting.secret
    assert is_live(crm, entry.secret)
    with pytest.raises(Unauthenticated):
        show_code(crm.workspace, waiting.secret, ann.code(1), HERE)


def test_a_code_is_good_once_and_none_before_it_afterwards(ann: Ann) -> None:
    now = ann.code()
    assert ann.show(now)
    for spent in (now, ann.code(-1)):
        with pytest.raises(WrongCode):
            ann.show(spent)
    assert ann.show(ann.code(1))


@pytest.mark.parametrize(
    "code", ["", "000000", "abcdef", "12345", "\uff11\uff12\uff13\uff14\uff15\uff16", "' or 1=1 --", "0" * 5000]
)
def test_what_is_no_code_is_refused(ann: Ann, code: str) -> None:
    with pytest.raises(WrongCode):
        ann.show(code)


def test_a_clock_may_be_half_a_minute_off_but_no_more(ann: Ann) -> None:
    for steps in (-2, 2):
        with pytest.raises(WrongCode):
            ann.show(ann.code(steps))
    assert ann.show(ann.code(-1))


def test_the_same_code_twice_at_once_is_used_once(crm: Crm, ann: Ann) -> None:
    waiting = [ann.enter().secret for _ in range(4)]
    code = ann.code()

    def attempt(secret: str) -> bool:
        try:
            with clock.frozen(NOON):
                return bool(show_code(crm.workspace, secret, code, HERE))
        except TrellisError:
            return False

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(attempt, waiting)) == [False, False, False, True]


def test_guessing_codes_is_slowed_down(ann: Ann) -> None:
    for _ in range(5):
        with pytest.raises(WrongCode):
            ann.show("000000")
    with pytest.raises(TooManyAttempts):
        ann.show(ann.code())


def test_guessing_from_inside_is_slowed_down_too(crm: Crm, ann: Ann) -> None:
    for _ in range(5):
        with pytest.raises(WrongCode):
            own_second_factor.take_away(crm.workspace, ann.actor, "000000")
    with pytest.raises(TooManyAttempts):
        own_second_factor.take_away(crm.workspace, ann.actor, ann.code())


def test_recovery_codes_stand_in_once_each(crm: Crm, ann: Ann) -> None:
    codes = own_second_factor.renew_codes(crm.workspace, ann.actor, ann.code())
    assert len(set(codes)) == 10
    entry = ann.show(codes[0].upper().replace("-", " "))
    with crm.work(session_actor(entry.secret)) as work:
        assert own_second_factor.standing(work).codes_left == 9
    with pytest.raises(WrongCode):
        ann.show(codes[0])
    own_second_factor.renew_codes(crm.workspace, ann.actor, ann.code(1))
    with pytest.raises(WrongCode):
        ann.show(codes[1])


def test_a_role_can_ask_for_it_and_then_it_is_set_up_before_the_door(crm: Crm) -> None:
    ann = person(crm)
    with crm.work() as work:
        require_second_factor(work, ["rep"])
    waiting = ann.enter()
    assert (waiting.need, is_live(crm, waiting.secret)) == ("enrol", False)
    ann.seed = shown_set_up(crm.workspace, waiting.secret).seed
    assert shown_set_up(crm.workspace, waiting.secret).seed == ann.seed
    with pytest.raises(WrongCode):
        finish_set_up(crm.workspace, waiting.secret, "000000", HERE)
    entry = finish_set_up(crm.workspace, waiting.secret, ann.code(), HERE)
    assert is_live(crm, entry.secret)
    assert ann.enter().need == "code"
    with pytest.raises(Conflict, match="asks for a second factor"):
        own_second_factor.take_away(crm.workspace, session_actor(entry.secret), ann.code(1))
    with crm.work(session_actor(entry.secret)) as work, pytest.raises(Forbidden):
        require_second_factor(work, [])


def test_who_is_logged_in_when_a_role_asks_for_it_sets_it_up_at_the_next_click(crm: Crm) -> None:
    ann = person(crm)
    secret = ann.enter().secret
    with crm.work() as work:
        require_second_factor(work, ["manager"])
    assert is_live(crm, secret)
    inheriting = role_body("rep", inherits=["manager"])
    crm.publish(load_package({"roles": {"roles/rep.json": inheriting}}))
    assert (is_live(crm, secret), waiting_for(crm.workspace, secret)) == (False, "enrol")
    ann.seed = shown_set_up(crm.workspace, secret).seed
    entry = finish_set_up(crm.workspace, secret, ann.code(), HERE)
    with crm.work() as work:
        require_second_factor(work, ["rep"])
    assert is_live(crm, entry.secret)


def test_a_given_role_ends_the_sessions_of_before(crm: Crm) -> None:
    ann = person(crm)
    secret = ann.enter().secret
    with crm.work() as work:
        give_role(work, "manager", ann.id)
    assert not is_live(crm, secret)
    secret = ann.enter().secret
    with crm.work() as work:
        take_role(work, "manager", ann.id)
    assert is_live(crm, secret)


def test_nobody_sets_it_up_again_over_one_that_is_there(crm: Crm, ann: Ann) -> None:
    with crm.work(ann.actor) as work, pytest.raises(TrellisError, match="already"):
        own_second_factor.begin(work)
    with pytest.raises(Unauthenticated):
        shown_set_up(crm.workspace, ann.enter().secret)
    with crm.work(UserActor(ann.id)) as work, pytest.raises(Forbidden, match="Only you yourself"):
        own_second_factor.begin(work)


def test_another_session_is_shown_another_seed(crm: Crm) -> None:
    """Who saw one, weeks ago and with nothing but the password, must not know it once it counts."""
    ann = person(crm)
    thief = session_actor(ann.enter().secret)
    with crm.work(thief) as work:
        seen = own_second_factor.begin(work).seed
    with crm.work(ann.actor) as work:
        ann.seed = own_second_factor.begin(work).seed
        assert own_second_factor.begin(work).seed == ann.seed
    assert ann.seed != seen
    with pytest.raises(Invalid, match="begun anew"):
        own_second_factor.confirm(crm.workspace, thief, ann.code())
    own_second_factor.confirm(crm.workspace, ann.actor, ann.code())


def test_an_administrator_resets_it_and_the_sessions_end(crm: Crm, ann: Ann) -> None:
    entry = ann.show(ann.code())
    with crm.work(UserActor(ann.id)) as work, pytest.raises(Forbidden):
        own_second_factor.reset(work, ann.id)
    with crm.work() as work:
        own_second_factor.reset(work, ann.id)
    assert not is_live(crm, entry.secret)
    assert ann.enter().need == ""


def test_the_seed_is_sealed_and_no_code_is_in_the_audit(crm: Crm, ann: Ann) -> None:
    codes = own_second_factor.renew_codes(crm.workspace, ann.actor, ann.code())
    ann.show(codes[0])
    with crm.workspace.owned() as connection:
        kept = str(connection.execute(text("SELECT * FROM crm.second_factor")).all())
        kept += str(connection.execute(text("SELECT * FROM crm.recovery_code")).all())
        query = text("SELECT name, actor::text, changes::text FROM crm.audit WHERE record = :user ORDER BY id")
        told = connection.execute(query, {"user": ann.id}).all()
    hidden = [ann.seed, ann.code(), *codes, *(code.replace("-", "") for code in codes)]
    assert not any(each in kept + str(told) for each in hidden)
    assert [row[0] for row in told][-3:] == [
        "second_factor.recovery_codes_made",
        "second_factor.recovery_code_used",
        "login",
    ]
