"""Signing in with another service, against one that speaks OpenID Connect over real HTTP on loopback."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from joserfc.jwk import ECKey
from sqlalchemy import text

from crm_app.kernel import clock
from crm_app.kernel.errors import Conflict, Forbidden, Invalid, TrellisError, Unauthenticated
from crm_app.services import own_second_factor
from crm_app.services.accounts import add_user
from crm_app.services.egress import EgressRefused
from crm_app.services.log_in import Entry, log_in
from crm_app.services.oidc import Arrival, SignInRefused, arrive, depart, farewell
from crm_app.services.oidc_connection import (
    BelongsToAnother,
    connection_of,
    disconnect,
    disconnect_user,
    is_connected,
    require_connectable,
)
from crm_app.services.oidc_people import NoAccountHere
from crm_app.services.oidc_settings import Provider, provider, remove_provider, save_provider
from crm_app.services.role_people import give_role
from crm_app.services.session_holds import require_second_factor
from crm_app.services.sessions import Visitor, session_actor
from crm_app.services.users import deactivate_user, get_user
from tests.builders import Crm
from tests.integration.provider import CLIENT, SECRET, TestProvider, running_provider

PASSWORD = "a quiet green teapot"
HERE = Visitor("192.0.2.1", "curl/8")
BACK = "http://crm.test/auth/oidc/callback"


@pytest.fixture
def service() -> Iterator[TestProvider]:
    with running_provider() as found:
        yield found


@pytest.fixture
def crm(database_url: str, service: TestProvider) -> Iterator[Crm]:
    crm = Crm(database_url)
    configure(crm, service)
    yield crm
    crm.close()


def configure(crm: Crm, service: TestProvider, secret: str = SECRET, **more: Any) -> None:
    wish = Provider(label="Example", issuer=service.issuer, client_id=CLIENT, is_private=True)
    with crm.work() as work:
        save_provider(work, replace(wish, **more), secret)


def sign_in(crm: Crm, service: TestProvider, changed: Mapping[str, str] | None = None) -> Entry:
    gone = depart(crm.workspace, BACK, "/o/deal")
    query = {**service.sign_in(gone.url), **(changed or {})}
    arrival = arrive(crm.workspace, BACK, gone.flow, query, HERE)
    assert arrival.wanted == "/o/deal"
    assert arrival.entry is not None
    return arrival.entry


def who(crm: Crm, entry: Entry) -> tuple[str, tuple[str, ...]]:
    with crm.work(session_actor(entry.secret)) as work:
        return work.who.email, work.who.roles


def test_a_verified_address_is_linked_once_and_then_the_subject_counts(crm: Crm, service: TestProvider) -> None:
    ann = crm.user("Ann")
    assert who(crm, sign_in(crm, service)) == ("ann@example.com", ("rep",))
    service.claims |= {"email": "new.name@example.com"}
    assert who(crm, sign_in(crm, service))[0] == "ann@example.com"
    service.claims |= {"sub": "43", "email": "ann@example.com"}
    with pytest.raises(NoAccountHere, match="somebody else"):
        sign_in(crm, service)
    with crm.work() as work:
        deactivate_user(work, ann.user_id)
    service.claims |= {"sub": "42"}
    with pytest.raises(NoAccountHere, match="deactivated"):
        sign_in(crm, service)


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email_verified": "true"}, {"email": ""}])
def test_an_address_that_is_not_verified_opens_nothing(crm: Crm, service: TestProvider, claims: dict[str, Any]) -> None:
    crm.user("Ann")
    service.claims |= claims
    with pytest.raises(NoAccountHere, match="not verified"):
        sign_in(crm, service)


def test_nobody_becomes_an_administrator_by_it(crm: Crm, service: TestProvider) -> None:
    crm.user("Ann", role="admin")
    with pytest.raises(NoAccountHere, match="An administrator connects it first"):
        sign_in(crm, service)
    for more in ({"default_role": "admin"}, {"group_roles": {"boss": "admin"}}):
        with pytest.raises(Invalid) as refusal:
            configure(crm, service, **more)
        assert "administrator" in refusal.value.problems[0].message


class Boss:
    """An administrator, logged in by password."""

    def __init__(self, crm: Crm) -> None:
        with crm.work() as work:
            self.id = add_user(work, "Max", "max@example.com", roles=["admin"], password=PASSWORD)
        self.crm, self.seed = crm, ""
        self.secret = log_in(crm.workspace, "max@example.com", PASSWORD, HERE).secret

    def connect(self, service: TestProvider, code: str = "", password: str = PASSWORD, secret: str = "") -> Arrival:
        session = require_connectable(self.crm.workspace, self.secret, password, code)
        gone = depart(self.crm.workspace, BACK, "/account", session)
        return arrive(self.crm.workspace, BACK, gone.flow, service.sign_in(gone.url), HERE, secret or self.secret)

    def set_up_code(self) -> str:
        with self.crm.work(session_actor(self.secret)) as work:
            self.seed = own_second_factor.begin(work).seed
        own_second_factor.confirm(self.crm.workspace, session_actor(self.secret), self.code(-30))
        return self.code()

    def code(self, seconds: int = 0) -> str:
        return pyotp.TOTP(self.seed).at(int(clock.now().timestamp()) + seconds)


def test_an_administrator_connects_their_own_account_and_logs_in_with_it(crm: Crm, service: TestProvider) -> None:
    boss = Boss(crm)
    service.claims |= {"email": "m@home.example", "email_verified": False}
    arrival = boss.connect(service)
    assert (arrival.entry, arrival.wanted) == (None, "/account")
    with crm.work(session_actor(boss.secret)) as work:
        assert connection_of(work).as_email == "m@home.example"
    assert who(crm, sign_in(crm, service)) == ("max@example.com", ("admin",))
    with crm.work(session_actor(boss.secret)) as work:
        disconnect(work)
    with pytest.raises(NoAccountHere):
        sign_in(crm, service)


def test_who_comes_to_administer_connects_anew(crm: Crm, service: TestProvider) -> None:
    boss = Boss(crm)
    with crm.work() as work:
        give_role(work, "rep", boss.id)
        work.connection.execute(text("DELETE FROM crm.user_role WHERE role = 'admin'"))
    service.claims |= {"email": "max@example.com", "email_verified": True}
    assert who(crm, sign_in(crm, service)) == ("max@example.com", ("rep",))
    with crm.work() as work:
        give_role(work, "admin", boss.id)
    with pytest.raises(NoAccountHere, match="An administrator connects it first"):
        sign_in(crm, service)
    boss.secret = log_in(crm.workspace, "max@example.com", PASSWORD, HERE).secret
    with crm.work(session_actor(boss.secret)) as work:
        assert connection_of(work).as_email == ""
    boss.connect(service)
    assert who(crm, sign_in(crm, service))[0] == "max@example.com"


def test_connecting_needs_the_person_and_the_session_that_began_it(crm: Crm, service: TestProvider) -> None:
    boss = Boss(crm)
    code = boss.set_up_code()
    for password, given in (("wrong", code), (PASSWORD, ""), (PASSWORD, "000000")):
        with pytest.raises(Invalid, match="Nothing was connected"):
            boss.connect(service, given, password)
    with pytest.raises(Unauthenticated):
        boss.connect(service, code, secret="another session's")
    with crm.work() as work:
        assert not is_connected(work, boss.id)


def test_an_account_there_belongs_to_one_person_here(crm: Crm, service: TestProvider) -> None:
    boss, ann = Boss(crm), crm.user("Ann")
    assert sign_in(crm, service)
    with pytest.raises(BelongsToAnother):
        boss.connect(service)
    with crm.work(ann) as work, pytest.raises(Conflict, match="no password"):
        disconnect(work)
    with crm.work(ann) as work, pytest.raises(Forbidden):
        disconnect_user(work, ann.user_id)
    with crm.work() as work:
        disconnect_user(work, ann.user_id)
    boss.connect(service)
    assert who(crm, sign_in(crm, service))[0] == "max@example.com"


def test_the_second_factor_is_asked_for_unless_the_service_has_asked_for_one(crm: Crm, service: TestProvider) -> None:
    boss = Boss(crm)
    code = boss.set_up_code()
    boss.connect(service, code)
    service.claims |= {"amr": ["pwd"]}
    assert sign_in(crm, service).need == "code"
    service.claims |= {"amr": ["pwd", "otp", "mfa"]}
    assert sign_in(crm, service).need == ""
    service.claims |= {"amr": "mfa"}
    assert sign_in(crm, service).need == "code"
    with crm.work() as work:
        own_second_factor.reset(work, boss.id)
        require_second_factor(work, ["admin"])
    assert sign_in(crm, service).need == "enrol"


def test_who_came_by_the_service_is_logged_out_there_where_it_offers_that(crm: Crm, service: TestProvider) -> None:
    crm.user("Ann")
    gone = depart(crm.workspace, BACK, "/")
    held = arrive(crm.workspace, BACK, gone.flow, service.sign_in(gone.url), HERE).held
    assert farewell(crm.workspace, held, "http://crm.test/login") == ""
    service.document = {"end_session_endpoint": f"{service.issuer}/end"}
    query = parse_qs(urlsplit(farewell(crm.workspace, held, "http://crm.test/login")).query)
    assert (query["post_logout_redirect_uri"], query["client_id"]) == (["http://crm.test/login"], [CLIENT])
    assert query["id_token_hint"][0].count(".") == 2
    assert farewell(crm.workspace, "made up", "http://crm.test/login") == ""
    configure(crm, service, ends_there=False)
    assert farewell(crm.workspace, held, "http://crm.test/login") == ""


def test_people_are_made_only_where_that_is_allowed_and_follow_their_groups(crm: Crm, service: TestProvider) -> None:
    with pytest.raises(NoAccountHere, match="invite"):
        sign_in(crm, service)
    configure(crm, service, creates=True, default_role="rep", group_claim="groups", group_roles={"leads": "manager"})
    assert who(crm, sign_in(crm, service)) == ("ann@example.com", ("rep",))
    service.claims |= {"groups": ["leads", "others"]}
    assert who(crm, sign_in(crm, service))[1] == ("manager", "rep")
    service.claims |= {"groups": "leads"}
    assert who(crm, sign_in(crm, service))[1] == ("rep",)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "somebody else"},
        {"aud": [CLIENT, "somebody else"]},
        {"iss": "http://127.0.0.1:1"},
        {"exp": 0},
        {"exp": None},
        {"sub": None},
    ],
    ids=["nonce", "audience", "audiences", "issuer", "expired", "endless", "nobody"],
)
def test_what_is_said_wrongly_is_not_believed(crm: Crm, service: TestProvider, claims: dict[str, Any]) -> None:
    crm.user("Ann")
    service.claims |= claims
    with pytest.raises(SignInRefused):
        sign_in(crm, service)


def test_a_signature_of_another_key_is_not_believed(crm: Crm, service: TestProvider) -> None:
    crm.user("Ann")
    service.signing = ECKey.generate_key("P-256", parameters={"kid": "1"})
    with pytest.raises(SignInRefused, match="can't be believed"):
        sign_in(crm, service)


def test_a_clock_may_be_a_minute_off(crm: Crm, service: TestProvider) -> None:
    crm.user("Ann")
    now = int(clock.now().timestamp())
    service.claims |= {"exp": now - 30, "iat": now + 30}
    assert sign_in(crm, service)
    service.claims |= {"exp": now - 120}
    with pytest.raises(SignInRefused):
        sign_in(crm, service)


def test_a_sign_in_belongs_to_the_browser_that_began_it(crm: Crm, service: TestProvider) -> None:
    crm.user("Ann")
    gone = depart(crm.workspace, BACK, "/")
    query = service.sign_in(gone.url)
    other = depart(crm.workspace, BACK, "/")
    attempts: list[tuple[str, dict[str, str]]] = [
        (other.flow, query),
        ("", query),
        ("made up", query),
        (gone.flow, {**query, "state": ""}),
        (gone.flow, {"state": query["state"], "error": "access_denied"}),
        (gone.flow, {**query, "code": "guessed"}),
    ]
    for flow, brought in attempts:
        with pytest.raises(SignInRefused):
            arrive(crm.workspace, BACK, flow, brought, Visitor())
    with clock.frozen(clock.now() + timedelta(minutes=11)), pytest.raises(SignInRefused, match="too long"):
        arrive(crm.workspace, BACK, gone.flow, query, Visitor())
    assert arrive(crm.workspace, BACK, gone.flow, query, Visitor())
    with pytest.raises(SignInRefused):
        arrive(crm.workspace, BACK, gone.flow, query, Visitor())


def test_a_service_under_another_name_is_not_believed(crm: Crm, service: TestProvider) -> None:
    service.document = {"issuer": "https://login.example.com"}
    with pytest.raises(SignInRefused, match="another name"):
        depart(crm.workspace, BACK, "/")


def test_without_an_administrators_word_nothing_private_is_reached(crm: Crm, service: TestProvider) -> None:
    with crm.workspace.owned() as connection:
        connection.execute(text("UPDATE crm.sign_in SET body = body || '{\"is_private\": false}'"))
    with pytest.raises(EgressRefused):
        depart(crm.workspace, BACK, "/")
    assert service.asked == []


def test_the_settings_are_for_administrators_and_the_secret_is_sealed(crm: Crm, service: TestProvider) -> None:
    wish = Provider("x", service.issuer, "y")
    with crm.work(crm.user("Ann")) as work:
        for act in (
            lambda: save_provider(work, wish, "z"),
            lambda: remove_provider(work),
        ):
            with pytest.raises(Forbidden):
                act()
    configure(crm, service, secret="", label="Renamed")
    with pytest.raises(Invalid, match="secret"):
        configure(crm, service, secret="", client_id="another")
    with pytest.raises(Invalid, match="https"):
        configure(crm, service, issuer="http://login.example.com", is_private=False)
    with crm.workspace.owned() as connection:
        kept = str(connection.execute(text("SELECT * FROM crm.sign_in")).all())
        told = str(connection.execute(text("SELECT changes FROM crm.audit WHERE object = 'sign_in'")).all())
        found = provider(connection)
    assert SECRET not in kept + told
    assert found is not None
    assert found.sealed_secret not in told
    with crm.work() as work:
        remove_provider(work)
    with pytest.raises(TrellisError, match="no other sign-in service"):
        depart(crm.workspace, BACK, "/")


def test_the_link_and_the_log_in_are_in_the_audit(crm: Crm, service: TestProvider) -> None:
    ann = crm.user("Ann")
    sign_in(crm, service)
    with crm.workspace.owned() as connection:
        query = text("SELECT name FROM crm.audit WHERE record = :user ORDER BY id")
        names = connection.execute(query, {"user": ann.user_id}).scalars().all()
    assert names[-2:] == ["user.sign_in_linked", "login"]
    with crm.work() as work:
        assert get_user(work, ann.user_id).last_seen is not None
