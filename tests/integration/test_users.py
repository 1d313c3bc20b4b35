"""People come by a link, are moved between teams and managers, and go without their records."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from crm_app.kernel import clock
from crm_app.kernel.actor import KeyActor, UserActor
from crm_app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from crm_app.kernel.ids import new_id, secret_hash
from crm_app.services import users
from crm_app.services.account_links import LinkIsOver, look_up, take_link
from crm_app.services.api_keys import create_key, key_actor
from crm_app.services.handing_over import hand_over, holdings
from crm_app.services.log_in import log_in
from crm_app.services.own_password import change_password
from crm_app.services.passwords import is_right
from crm_app.services.policies import NobodyLeftToAdminister
from crm_app.services.sessions import Visitor, session_actor
from crm_app.services.teams import list_teams, save_team
from crm_app.services.throttle import LoginRefused, TooManyAttempts
from tests.builders import Crm
from tests.integration.api_client import Api

PASSWORD = "a quiet green teapot"
HOME = Visitor("192.0.2.1", "curl/8")


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


def invited(crm: Crm, name: str = "Ann", *roles: str) -> users.Invitation:
    with crm.work() as work:
        return users.invite_user(work, name, f"{name.lower()}@example.com", roles=roles or ["rep"])


def joined(crm: Crm, name: str = "Ann", *roles: str) -> tuple[UUID, str]:
    """Their id, and the secret of their session."""
    link = invited(crm, name, *roles)
    return link.user, take_link(crm.workspace, link.secret, PASSWORD, HOME).secret


def state(crm: Crm, user: UUID) -> str:
    with crm.work() as work:
        return users.get_user(work, user).state


def test_an_invitation_is_good_once_and_logs_in(crm: Crm) -> None:
    link = invited(crm)
    assert state(crm, link.user) == "invited"
    found = look_up(crm.workspace, link.secret)
    assert (found.name, found.email, found.purpose, found.minimum) == ("Ann", "ann@example.com", "invite", 15)
    entry = take_link(crm.workspace, link.secret, PASSWORD, HOME)
    with crm.work(session_actor(entry.secret)) as work:
        assert (work.who.name, work.who.roles) == ("Ann", ("rep",))
    assert state(crm, link.user) == "active"
    assert log_in(crm.workspace, "ann@example.com", PASSWORD)
    for secret in (link.secret, "made up", ""):
        with pytest.raises(LinkIsOver):
            take_link(crm.workspace, secret, PASSWORD + "2", HOME)


def test_a_link_ends_with_time_with_a_newer_one_and_with_the_account(crm: Crm) -> None:
    old = invited(crm)
    with clock.frozen(clock.now() + timedelta(days=7, seconds=1)), pytest.raises(LinkIsOver):
        look_up(crm.workspace, old.secret)
    with crm.work() as work:
        new = users.new_link(work, old.user)
    with pytest.raises(LinkIsOver):
        look_up(crm.workspace, old.secret)
    with crm.work() as work:
        users.deactivate_user(work, old.user)
    with pytest.raises(LinkIsOver):
        look_up(crm.workspace, new.secret)


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("fourteen chars", "short"),
        ("x" * 257, "long"),
        ("Pa$$word123456!", "common"),
        ("Ann Trellis 2026", "personal"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_stays(crm: Crm, password: str, weakness: str) -> None:
    link = invited(crm)
    with pytest.raises(Invalid) as refusal:
        take_link(crm.workspace, link.secret, password, HOME)
    assert refusal.value.details["weakness"] == weakness
    assert take_link(crm.workspace, link.secret, PASSWORD, HOME)


def test_a_reset_ends_every_session_and_the_old_password(crm: Crm) -> None:
    user, session = joined(crm)
    with crm.work() as work:
        link = users.new_link(work, user)
    with crm.work(session_actor(session)):
        pass
    take_link(crm.workspace, link.secret, "another slow red kettle", HOME)
    with pytest.raises(Unauthenticated), crm.work(session_actor(session)):
        pass
    with pytest.raises(LoginRefused):
        log_in(crm.workspace, "ann@example.com", PASSWORD)


def test_changing_ones_password_needs_the_old_one_and_ends_the_other_sessions(crm: Crm) -> None:
    _, session = joined(crm)
    other = log_in(crm.workspace, "ann@example.com", PASSWORD).secret
    new = "another slow red kettle"
    for current, wanted, why in (("wrong", new, "wrong"), (PASSWORD, PASSWORD, "same"), (PASSWORD, "short", "short")):
        with pytest.raises(Invalid) as refusal:
            change_password(crm.workspace, session, current, wanted, HOME)
        assert refusal.value.details["weakness"] == why
    entry = change_password(crm.workspace, session, PASSWORD, new, HOME)
    for ended in (session, other):
        with pytest.raises(Unauthenticated), crm.work(session_actor(ended)):
            pass
    with crm.work(session_actor(entry.secret)) as work:
        assert work.who.name == "Ann"


@pytest.mark.parametrize("way", ["log in", "change it"])
def test_a_password_that_is_changed_while_it_is_looked_at_opens_nothing(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    user, secret = joined(crm)

    def changed_meanwhile(kept: str, password: str) -> bool:
        monkeypatch.undo()
        change_password(crm.workspace, secret, PASSWORD, f"{PASSWORD} two", HOME)
        return is_right(kept, password)

    monkeypatch.setattr(
        f"crm_app.services.{'log_in' if way == 'log in' else 'own_password'}.is_right", changed_meanwhile
    )
    if way == "log in":
        with pytest.raises(LoginRefused):
            log_in(crm.workspace, "ann@example.com", PASSWORD, HOME)
    else:
        other = log_in(crm.workspace, "ann@example.com", PASSWORD, HOME).secret
        with pytest.raises(Unauthenticated):
            change_password(crm.workspace, other, PASSWORD, "mine from now on", HOME)
    with crm.work() as work:
        sessions = text('SELECT count(*) FROM crm.session WHERE "user" = :user')
        assert work.connection.execute(sessions, {"user": user}).scalar_one() == 1
    assert log_in(crm.workspace, "ann@example.com", f"{PASSWORD} two", HOME)


def test_guessing_the_present_password_is_slowed_down(crm: Crm) -> None:
    _, session = joined(crm)
    for _ in range(5):
        with pytest.raises(Invalid, match="not the password you have now"):
            change_password(crm.workspace, session, "wrong", PASSWORD + "!", HOME)
    with pytest.raises(TooManyAttempts):
        change_password(crm.workspace, session, PASSWORD, PASSWORD + "!", HOME)


def test_who_is_deactivated_is_out_at_once_and_comes_back_as_they_were(crm: Crm) -> None:
    user, session = joined(crm)
    deal = crm.create("deal", name="Kept", owner=str(user))
    with crm.work() as work:
        key = create_key(work, "ann@example.com").key
    with crm.work() as work:
        users.deactivate_user(work, user)
        users.deactivate_user(work, user)
    actors: list[object] = [session_actor(session), key_actor(key), UserActor(user)]
    for actor in actors:
        with pytest.raises(Unauthenticated), crm.work(actor):  # type: ignore[arg-type]
            pass
    assert crm.get(deal.ref).values["owner"] == user
    with crm.work() as work:
        users.reactivate_user(work, user)
    with pytest.raises(Unauthenticated), crm.work(KeyActor(secret_hash(key))):
        pass
    entry = log_in(crm.workspace, "ann@example.com", PASSWORD)
    with crm.work(session_actor(entry.secret)) as work:
        assert work.who.roles == ("rep",)


def test_records_are_handed_over_through_the_door(crm: Crm) -> None:
    (ann, _), (bob, _) = joined(crm), joined(crm, "Bob")
    deal = crm.create("deal", name="Handed over", owner=str(ann))
    with crm.work() as work:
        assert holdings(work, ann) == {"deal": 1}
        done = hand_over(work, ann, bob)
        assert (done.given, done.kept, done.left) == (1, 0, False)
        assert holdings(work, ann) == {}
        for nobody in (ann, new_id()):
            with pytest.raises((Invalid, NotFound)):
                hand_over(work, bob, nobody if nobody != ann else bob)
    assert crm.get(deal.ref).values["owner"] == bob


def test_the_last_administrator_stays_one(crm: Crm) -> None:
    (ann, _), (bob, _) = joined(crm, "Ann", "admin"), joined(crm, "Bob", "admin")
    with crm.work(UserActor(ann)) as work, pytest.raises(Conflict, match="can't deactivate yourself"):
        users.deactivate_user(work, ann)
    with crm.work(UserActor(ann)) as work:
        users.deactivate_user(work, bob)
    with pytest.raises(NobodyLeftToAdminister), crm.work() as work:
        users.set_roles(work, ann, ["rep"])
    with pytest.raises(NobodyLeftToAdminister), crm.work() as work:
        users.deactivate_user(work, ann)


def test_managers_and_teams_make_no_circle(crm: Crm) -> None:
    (ann, _), (bob, _), (cid, _) = joined(crm), joined(crm, "Bob"), joined(crm, "Cid")
    with crm.work() as work:
        users.change_user(work, bob, "Bob", ann)
        users.change_user(work, cid, "Cid", bob)
        for manager in (ann, cid):
            with pytest.raises(Invalid, match="Nothing was changed"):
                users.change_user(work, ann, "Ann", manager)
        north = save_team(work, None, "North", manager=ann, parent=None, members=[bob])
        tip = save_team(work, None, "Tip", manager=None, parent=north, members=[cid])
        with pytest.raises(Invalid):
            save_team(work, north, "North", manager=ann, parent=tip, members=[])
        with pytest.raises(Invalid) as refusal:
            save_team(work, tip, "North", manager=None, parent=None, members=[])
        assert refusal.value.problems[0].path == "name"
        save_team(work, tip, "Peak", manager=bob, parent=north, members=[ann, cid])
        found = {team.name: team for team in list_teams(work)}
        assert list(found["Peak"].members.values()) == ["Ann", "Cid"]
        assert (found["Peak"].parent, found["Peak"].manager) == (north, bob)


def test_a_list_says_who_people_are_and_finds_them(crm: Crm) -> None:
    (ann, _), (bob, _) = joined(crm), joined(crm, "Bob", "admin")
    invited(crm, "Cid")
    crm.user("Dee")
    with crm.work() as work:
        users.change_user(work, ann, "Ann Quill", bob)
        save_team(work, None, "North", manager=None, parent=None, members=[ann])
        found = {user.name: user for user in users.list_users(work)}
        assert {name: user.state for name, user in found.items()} == {
            "Ann Quill": "active",
            "Bob": "active",
            "Cid": "invited",
            "Dee": "locked out",
        }
        quill = found["Ann Quill"]
        assert (quill.manager_name, list(quill.teams.values()), quill.roles) == ("Bob", ["North"], ["rep"])
        assert quill.last_seen is not None
        assert [user.name for user in users.list_users(work, "QUILL")] == ["Ann Quill"]
        assert [user.name for user in users.list_users(work, "cid@")] == ["Cid"]
        assert users.list_users(work, "%") == []


def test_only_administrators_manage_people(crm: Crm) -> None:
    (ann, _), (bob, _) = joined(crm), joined(crm, "Bob")
    with crm.work(UserActor(ann)) as work:
        for act in (
            lambda: users.list_users(work),
            lambda: users.get_user(work, bob),
            lambda: users.invite_user(work, "Eve", "eve@example.com"),
            lambda: users.new_link(work, bob),
            lambda: users.deactivate_user(work, bob),
            lambda: users.reactivate_user(work, bob),
            lambda: users.change_user(work, ann, "Ann", None),
            lambda: users.set_roles(work, ann, ["admin"]),
            lambda: hand_over(work, bob, ann),
            lambda: holdings(work, bob),
            lambda: list_teams(work),
            lambda: save_team(work, None, "Mine", manager=ann, parent=None, members=[]),
        ):
            with pytest.raises(Forbidden):
                act()


def test_the_audit_knows_every_step_and_no_secret(crm: Crm) -> None:
    link = invited(crm)
    take_link(crm.workspace, link.secret, PASSWORD, HOME)
    with crm.work() as work:
        users.new_link(work, link.user)
        users.change_user(work, link.user, "Anne", None)
        users.deactivate_user(work, link.user)
        users.reactivate_user(work, link.user)
    with crm.workspace.owned() as connection:
        query = text("SELECT name, actor::text || changes::text FROM crm.audit WHERE record = :user ORDER BY id")
        entries = list(connection.execute(query, {"user": link.user}))
    assert [name for name, _ in entries] == [
        "user.created",
        "role.given",
        "user.invited",
        "user.password_changed",
        "login",
        "user.reset_link_made",
        "user.changed",
        "user.deactivated",
        "user.reactivated",
    ]
    assert not any(hidden in str(entries) for hidden in (link.secret, secret_hash(link.secret), PASSWORD, "$argon2"))


def test_programs_invite_change_and_let_go(crm: Crm) -> None:
    api = Api(crm)
    with api.client("max") as admin, api.client("ann") as rep:
        body = {"name": "Nils New", "email": "nils@example.com", "roles": ["rep"]}
        made = admin.post("/api/v1/users", json=body)
        assert (made.status_code, made.json()["user"]["state"]) == (201, "invited")
        token = made.json()["link"].removeprefix("/welcome?token=")
        take_link(crm.workspace, token, PASSWORD, HOME)
        path = f"/api/v1/users/{made.json()['user']['id']}"
        assert admin.patch(path, json={"roles": ["rep", "manager"]}).json()["roles"] == ["manager", "rep"]
        assert admin.get(f"{path}/sessions").json() == {"sessions": []}
        session = log_in(crm.workspace, "nils@example.com", PASSWORD, HOME).secret
        assert [s["device"] for s in admin.get(f"{path}/sessions").json()["sessions"]] == ["curl"]
        assert admin.get("/api/v1/users?search=nils").json()["users"][0]["state"] == "active"
        for where in ("", "/sessions"):
            assert rep.get(path + where).status_code == 403
        for where in ("/link", "/deactivate"):
            assert rep.post(path + where, json={}).status_code == 403
        assert rep.get("/api/v1/users").status_code == 403
        assert admin.post(f"{path}/deactivate", json={}).json()["state"] == "deactivated"
        with pytest.raises(Unauthenticated), crm.work(session_actor(session)):
            pass
        assert admin.post(f"{path}/activate", json={}).json()["state"] == "active"
        assert admin.post("/api/v1/users", json={**body, "is_admin": True}).status_code == 422
        assert admin.get("/api/v1/users/me").status_code == 404
        assert "/v1/users" in admin.get("/api/openapi.json").json()["paths"]
