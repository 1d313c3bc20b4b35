"""Looking as somebody else, and breaking the glass."""

from collections.abc import Iterator
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import insert, text

from crm_app.definitions.load import load_package
from crm_app.kernel import clock
from crm_app.kernel.actor import SessionActor
from crm_app.kernel.errors import Forbidden, Invalid, NotFound, TrellisError, Unauthenticated
from crm_app.kernel.ids import new_id, secret_hash
from crm_app.services import own_second_factor
from crm_app.services.accounts import add_user
from crm_app.services.api_keys import KeyWish, create_key, key_actor, list_keys
from crm_app.services.audit_log import AuditQuery, read_audit
from crm_app.services.inbox import my_questions, question_count
from crm_app.services.lists import list_records
from crm_app.services.mails import mails_about
from crm_app.services.modes import break_glass, current_modes, end_mode, look_as, stop_mode
from crm_app.services.notifications import my_notifications, notify, unread_count
from crm_app.services.record_query import RecordQuery
from crm_app.services.records import create_record, get_record, update_record
from crm_app.services.sessions import Visitor, list_sessions, open_session
from crm_app.storage.connection_tables import MailRow
from crm_app.storage.system_tables import table_of
from crm_app.ui.records.asked_data import asked_data
from tests.builders import Crm, role_body
from tests.questions import ask

PASSWORD = "correct-horse-battery"
REASON = "A customer can't find an order"


class Office:
    """Max administers and reads only his own deals; Ann is a rep. `secrets` are their sessions."""

    def __init__(self, database_url: str) -> None:
        self.crm = Crm(database_url)
        grants = [{"objects": ["*"], "actions": ["administer"]}, {"objects": ["company"], "actions": ["read"]}]
        own = {"objects": ["deal"], "actions": ["read", "edit"], "scope": "own"}
        role = role_body("keeper", *grants, own)
        self.crm.publish(load_package({"roles": {"roles/keeper.json": role}}))
        self.ann = self.crm.user("Ann")
        with self.crm.work() as work:
            self.keeper = add_user(work, "Max", "max@example.com", roles=["keeper"], password=PASSWORD)
            self.secrets = {
                name: open_session(work.connection, user, Visitor(), "password")
                for name, user in (("max", self.keeper), ("ann", self.ann.user_id))
            }
        self.anns = self.crm.create("deal", self.ann, name="Anns").ref
        self.company = self.crm.create("company", name="Acme").ref

    def session(self, who: str = "max", *, is_oneself: bool = False) -> SessionActor:
        return SessionActor(secret_hash(self.secrets[who]), is_oneself)

    def look(self, who: str = "max", minutes: int = 10) -> None:
        with self.crm.work(self.session(who)) as work:
            look_as(work, self.ann.user_id, REASON, minutes)

    def deals(self) -> list[str]:
        with self.crm.work(self.session()) as work:
            return [record.name for record in list_records(work, RecordQuery("deal")).records]

    def audited(self) -> list[tuple[str, str, str]]:
        with self.crm.work() as work:
            found = read_audit(work, AuditQuery()).entries
        names = ("looking", "glass")
        return [(e.name, str(e.actor["name"]), e.reason) for e in reversed(found) if e.name.startswith(names)]


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    office = Office(database_url)
    yield office
    office.crm.close()


def test_who_looks_sees_what_both_may_and_both_names_are_kept(office: Office) -> None:
    office.crm.update(office.anns, {"owner": str(office.keeper)})
    mine = office.crm.create("deal", office.ann, name="Anns own").ref
    office.look()
    with office.crm.work(office.session()) as work:
        assert work.who.name == "Ann"
        assert work.actor_body()["by_name"] == "Max"
        assert get_record(work, office.company).name == "Acme"
        for ref in (office.anns, mine):
            with pytest.raises(NotFound):
                get_record(work, ref)
    with office.crm.work(office.session(is_oneself=True)) as work:
        stop_mode(work)
    assert office.deals() == ["Anns"]
    assert office.audited() == [("looking.started", "Max", REASON), ("looking.stopped", "Max", "")]


def test_who_looks_changes_nothing_by_any_way(office: Office) -> None:
    office.look()
    acts = [
        lambda work: create_record(work, "company", {"name": "x"}),
        lambda work: update_record(work, office.company, {"name": "x"}),
        lambda work: create_key(work, "ann@example.com", KeyWish()),
        list_keys,
        list_sessions,
        lambda work: look_as(work, office.keeper, REASON),
        lambda work: work.connection.execute(text("UPDATE crm.app_user SET name = 'x'")),
        lambda work: work.connection.execute(text("DELETE FROM crm.api_key")),
    ]
    for act in acts:
        with pytest.raises((Forbidden, NotFound)), office.crm.work(office.session()) as work:
            act(work)
    with pytest.raises(TrellisError):
        break_glass(office.crm.workspace, office.secrets["max"] + "x", PASSWORD, REASON)


def test_who_looks_is_told_nothing_that_was_told_to_the_other_alone(office: Office) -> None:
    ann = office.ann.user_id
    with office.crm.work() as work:
        notify(work, [ann], "Her salary")
        ask(work, [ann], office.company, "Approve her salary?")
        mail = {"id": new_id(), "object": "company", "record": office.company.id, "runner": ann}
        told = {"subject": "Her salary", "recipients": ["ann@example.com"], "state": "sent"}
        mail |= {"at": clock.now(), "changed_at": clock.now()}
        row = {**mail, **told, "key": "k", "connection": "post", "body": "", "message_id": "", "automation": "x"}
        work.connection.execute(insert(table_of(MailRow)), row)
    with office.crm.work(office.session("ann")) as work:
        assert (unread_count(work), question_count(work)) == (1, 1)
        assert [each.subject for each in mails_about(work, office.company, 5)] == ["Her salary"]
    office.look()
    with office.crm.work(office.session()) as work:
        assert (unread_count(work), question_count(work)) == (0, 0)
        assert [each.subject for each in mails_about(work, office.company, 5)] == [""]
        assert asked_data(work, office.company)["mine"] == []
    for read in (my_notifications, my_questions):
        with office.crm.work(office.session()) as work, pytest.raises(Forbidden, match="of Ann are theirs alone"):
            read(work)


def test_looking_ends_by_itself_and_with_whatever_it_stood_on(office: Office) -> None:
    office.look(minutes=5)
    with clock.frozen(clock.now() + timedelta(minutes=6)), office.crm.work(office.session()) as work:
        assert work.who.name == "Max"
    with office.crm.work() as work:
        work.connection.execute(text("UPDATE crm.app_user SET is_active = false WHERE name = 'Ann'"))
    with office.crm.work(office.session()) as work:
        assert (work.who.name, work.standing.only_looks) == ("Max", False)
    with office.crm.work() as work:
        work.connection.execute(text("UPDATE crm.app_user SET is_active = true"))
    with office.crm.work(office.session()) as work:
        assert work.who.name == "Ann"
    with office.crm.work() as work:
        work.connection.execute(text("DELETE FROM crm.user_role WHERE role = 'keeper'"))
    with office.crm.work(office.session()) as work:
        assert work.who.name == "Max"
        assert not work.access("deal").allows("read")
    with office.crm.work() as work:
        work.connection.execute(text("DELETE FROM crm.session"))
        assert work.connection.execute(text("SELECT count(*) FROM crm.session_mode")).scalar_one() == 0
    with pytest.raises(Unauthenticated), office.crm.work(office.session()):
        pass


def test_only_administrators_look_and_only_as_who_is_there(office: Office) -> None:
    with pytest.raises(Forbidden):
        office.look("ann")
    for user in (office.keeper, new_id()):
        with office.crm.work(office.session()) as work, pytest.raises((Invalid, NotFound)):
            look_as(work, user, REASON)
    with office.crm.work(office.session()) as work:
        for minutes in (0, 61, -1):
            with pytest.raises(Invalid):
                look_as(work, office.ann.user_id, REASON, minutes)


def test_broken_glass_opens_everything_for_a_while_and_says_so_with_every_change(office: Office) -> None:
    workspace, secret = office.crm.workspace, office.secrets["max"]
    assert office.deals() == []
    break_glass(workspace, secret, PASSWORD, REASON, 5)
    assert office.deals() == ["Anns"]
    office.crm.update(office.anns, {"name": "Mended"}, office.session())
    with office.crm.work() as work:
        entry = read_audit(work, AuditQuery(record=office.anns.id)).entries[0]
    assert (entry.actor["name"], entry.actor["glass"]) == ("Max", REASON)
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        assert office.deals() == []
    with office.crm.work(office.session()) as work:
        [mode] = current_modes(work)
        end_mode(work, mode.session)
    assert office.deals() == []
    assert office.audited() == [("glass.broken", "Max", REASON), ("glass.mended", "Max", "")]


def test_the_glass_breaks_for_nobody_without_password_reason_and_right(office: Office) -> None:
    workspace, secret = office.crm.workspace, office.secrets["max"]
    for password, reason, minutes in ((PASSWORD, "short", 5), (PASSWORD, REASON, 31), ("wrong", REASON, 5)):
        with pytest.raises(Invalid):
            break_glass(workspace, secret, password, reason, minutes)
    with pytest.raises(Forbidden):
        break_glass(workspace, office.secrets["ann"], PASSWORD, REASON)
    assert office.deals() == []
    assert office.audited() == [("glass.refused", "Max", REASON)]


def test_whoever_has_a_second_factor_breaks_the_glass_with_it_too(office: Office) -> None:
    workspace, secret, now = office.crm.workspace, office.secrets["max"], clock.now()
    with clock.frozen(now), office.crm.work(office.session()) as work:
        seed = own_second_factor.begin(work).seed
    with clock.frozen(now):
        own_second_factor.confirm(workspace, office.session(), pyotp.TOTP(seed).at(now))
    for code in ("", "000000", pyotp.TOTP(seed).at(now)):
        with clock.frozen(now), pytest.raises(Invalid) as refusal:
            break_glass(workspace, secret, PASSWORD, REASON, 5, code)
        assert refusal.value.problems[0].path == "code"
    assert office.deals() == []
    later = now + timedelta(seconds=60)
    with clock.frozen(later):
        with pytest.raises(Invalid) as refusal:
            break_glass(workspace, secret, "wrong", REASON, 5, pyotp.TOTP(seed).at(later))
        assert refusal.value.problems[0].path == "password"
    with clock.frozen(later + timedelta(minutes=2)):
        break_glass(workspace, secret, PASSWORD, REASON, 5, pyotp.TOTP(seed).at(clock.now()))
        assert office.deals() == ["Anns"]


def test_a_key_neither_looks_nor_breaks_glass(office: Office) -> None:
    """What its person's session does is none of its business."""
    with office.crm.work(office.session()) as work:
        key = create_key(work, "max@example.com", KeyWish()).key
    office.look()
    with office.crm.work(key_actor(key)) as work:
        assert (work.who.name, work.standing.only_looks) == ("Max", False)
        with pytest.raises(Forbidden):
            look_as(work, office.ann.user_id, REASON)
    with pytest.raises(Unauthenticated):
        break_glass(office.crm.workspace, key, PASSWORD, REASON)
