"""The pages of accounts, through the gate: what they show, what they do, and for whom."""

from typing import Any

import httpx
import pyotp
import pytest

from crm_app.kernel.actor import SystemActor
from crm_app.services.account_links import take_link
from crm_app.services.log_in import log_in
from crm_app.services.sessions import Visitor
from crm_app.services.teams import save_team
from crm_app.ui.door import COOKIE
from crm_app.ui.login_page import LoginPage
from crm_app.ui.login_routes import login_routes
from crm_app.ui.people.account_page import AccountPage
from crm_app.ui.people.oidc_part import OidcForm
from crm_app.ui.people.person_state import PersonPage
from crm_app.ui.people.second_factor_part import SecondFactor
from crm_app.ui.people.second_step_pages import SetUpPage
from crm_app.ui.people.sign_in_page import SignInPage
from crm_app.ui.people.teams_page import TeamsPage
from crm_app.ui.people.territories_page import TerritoriesPage
from crm_app.ui.people.users_page import UsersPage
from crm_app.ui.people.welcome_page import WelcomePage
from tests.unit.ui.conftest import PASSWORD, Crm, Send


async def test_everybody_sees_and_ends_their_own_sessions(crm: Crm, send: Send) -> None:
    other = log_in(crm.workspace, "rita@example.com", PASSWORD, Visitor("192.0.2.1", "curl/8"))
    shown = (await send(AccountPage.open, "/account", who="rita"))["account_page"]
    gone = next(line for line in shown["sessions"] if not line["is_this"])
    assert (gone["device"], len(shown["sessions"])) == ("curl", 2)
    left = (await send(AccountPage.end, "/account", who="rita", session=gone["id"]))["account_page"]
    assert [line["device"] for line in left["sessions"]] == ["Unknown device"]
    assert other.secret
    refused = await send(AccountPage.end, "/account", who="rita", session="' or 1=1 --")
    assert "account_page" not in refused


async def test_an_ended_session_is_out_at_its_next_event(crm: Crm, send: Send) -> None:
    other = log_in(crm.workspace, "rita@example.com", PASSWORD)
    crm.secrets["rita again"] = other.secret
    assert "account_page" in await send(AccountPage.open, "/account", who="rita again", token="second")
    await send(AccountPage.open, "/account", who="rita")
    await send(AccountPage.end_others, "/account", who="rita")
    assert "account_page" not in await send(AccountPage.end_others, "/account", who="rita again", token="second")


async def test_an_administrator_invites_and_hands_on_the_link(crm: Crm, send: Send) -> None:
    await send(UsersPage.open, "/settings/users")
    form: dict[str, Any] = {"name": "Nils New", "email": "nils@example.com", "role::sales_rep": "on"}
    shown = (await send(UsersPage.invite, "/settings/users", form=form))["users_page"]
    address, _, token = shown["link"].partition("?token=")
    assert (address, shown["invited"]) == ("/welcome", "Nils New")
    line = next(line for line in shown["lines"] if line["name"] == "Nils New")
    assert (line["state"], line["roles"]) == ("Invited", "Sales representative")
    welcome = (await send(WelcomePage.open, f"/welcome?token={token}", who=""))["welcome_page"]
    assert (welcome["greeting"], welcome["email"]) == ("Welcome, Nils New", "nils@example.com")
    assert take_link(crm.workspace, token, "a quiet green teapot", Visitor())
    over = (await send(WelcomePage.open, f"/welcome?token={token}", who=""))["welcome_page"]
    assert "used already" in over["over"]


async def test_a_mistake_is_told_at_its_input(crm: Crm, send: Send) -> None:
    assert crm.people
    await send(UsersPage.open, "/settings/users")
    shown = await send(UsersPage.invite, "/settings/users", form={"name": "", "email": "ada@example.com"})
    assert set(shown["users_page"]["errors"]) == {"name", "email"}


async def test_a_person_is_changed_deactivated_and_let_in_again(crm: Crm, send: Send) -> None:
    path = f"/settings/users/{crm.people['rita']}"
    shown = (await send(PersonPage.open, path))["person_page"]
    assert (shown["email"], shown["state"], len(shown["sessions"])) == ("rita@example.com", "Active", 1)
    form = {"name": "Rita Quill", "manager": str(crm.people["admin"]), "role::sales_manager": "on"}
    shown = (await send(PersonPage.save, path, form=form))["person_page"]
    assert shown["name"] == "Rita Quill"
    assert [c["value"] for c in shown["roles"]["choices"] if c["is_chosen"]] == ["sales_manager"]
    shown = (await send(PersonPage.deactivate, path, form={}))["person_page"]
    assert (shown["state"], shown["sessions"]) == ("Deactivated", [])
    assert "account_page" not in await send(AccountPage.open, "/account", who="rita")
    assert (await send(PersonPage.activate, path))["person_page"]["state"] == "Active"


async def test_records_are_handed_over_on_the_page(crm: Crm, send: Send) -> None:
    crm.create("company", owner="rita", name="Kept")
    path = f"/settings/users/{crm.people['rita']}"
    assert (await send(PersonPage.open, path))["person_page"]["holdings"] == "1 company"
    shown = await send(PersonPage.hand_over, path, form={"heir": str(crm.people["ravi"])})
    assert shown["person_page"]["holdings"] == ""


async def test_who_is_let_go_hands_over_in_the_same_go(crm: Crm, send: Send) -> None:
    crm.create("company", owner="rita", name="Kept")
    with crm.workspace.work(SystemActor("test")) as work:
        save_team(work, None, "East", manager=crm.people["rita"], parent=None, members=())
    path = f"/settings/users/{crm.people['rita']}"
    assert (await send(PersonPage.open, path))["person_page"]["holdings"] == "1 company, 1 team to manage"
    shown = (await send(PersonPage.deactivate, path, form={"heir": str(crm.people["ravi"])}))["person_page"]
    assert (shown["state"], shown["holdings"]) == ("Deactivated", "")
    shown = await send(PersonPage.open, f"/settings/users/{crm.people['ravi']}")
    assert "1 company, 1 team to manage" in shown["person_page"]["holdings"]


async def test_a_team_is_made_and_changed(crm: Crm, send: Send) -> None:
    await send(TeamsPage.open, "/settings/teams")
    form = {"name": "East", f"member::{crm.people['rita']}": "on", "manager": str(crm.people["ravi"])}
    await send(TeamsPage.choose, "/settings/teams", group="")
    shown = (await send(TeamsPage.save, "/settings/teams", form=form))["teams_page"]
    line = next(line for line in shown["lines"] if line["name"] == "East")
    assert (line["manager"], line["members"]) == ("Ravi Rep", "Rita Rep")
    await send(TeamsPage.choose, "/settings/teams", group="")
    assert (await send(TeamsPage.save, "/settings/teams", form=form))["teams_page"]["errors"]["name"]


@pytest.mark.parametrize("page", ["users", "person", "teams", "territories"])
async def test_others_learn_nothing_of_people(crm: Crm, send: Send, page: str) -> None:
    handlers = {
        "users": UsersPage.open,
        "person": PersonPage.open,
        "teams": TeamsPage.open,
        "territories": TerritoriesPage.open,
    }
    shown = await send(handlers[page], f"/settings/users/{crm.people['admin']}", who="rita")
    assert shown["shell"]["problem"] == "forbidden"
    assert "ada@example.com" not in str(shown)


async def test_a_password_is_changed_by_a_form_of_our_own(crm: Crm) -> None:
    transport = httpx.ASGITransport(app=login_routes())
    own = {"origin": "http://crm.test"}
    async with httpx.AsyncClient(transport=transport, base_url="http://crm.test") as browser:
        form = {"current": PASSWORD, "new": "another slow red kettle"}
        assert (await browser.post("/auth/password", data=form, headers=own)).headers["location"].startswith("/login")
        browser.cookies.set(COOKIE, crm.secrets["rita"])
        assert (await browser.post("/auth/password", data=form)).status_code == 403
        short = await browser.post("/auth/password", data={**form, "new": "short"}, headers=own)
        assert short.headers["location"] == "/account?refused=short"
        done = await browser.post("/auth/password", data=form, headers=own)
        assert done.headers["location"] == "/account?done=password"
        assert "httponly" in done.headers["set-cookie"].lower()
    assert log_in(crm.workspace, "rita@example.com", "another slow red kettle")


async def test_a_second_factor_is_set_up_on_ones_own_page(crm: Crm, send: Send) -> None:
    assert crm.people
    await send(AccountPage.open, "/account", who="rita")
    begun = (await send(SecondFactor.begin, "/account", who="rita"))["second_factor"]
    assert begun["picture"].startswith("data:image/svg+xml")
    wrong = await send(SecondFactor.confirm, "/account", who="rita", form={"code": "000000"})
    assert "not right" in wrong["shell"]["notice"]["text"]
    code = pyotp.TOTP(begun["seed"]).now()
    done = (await send(SecondFactor.confirm, "/account", who="rita", form={"code": code}))["second_factor"]
    assert (done["is_on"], len(done["codes"]), done["seed"]) == (True, 10, "")
    assert log_in(crm.workspace, "rita@example.com", PASSWORD).need == "code"


async def test_an_administrator_says_how_people_sign_in(crm: Crm, send: Send) -> None:
    assert "problem" in (await send(SignInPage.open, "/settings/sign-in", who="rita", token="rita"))["shell"]
    await send(SignInPage.open, "/settings/sign-in")
    await send(SignInPage.save_factor, "/settings/sign-in", form={"role::sales_rep": "on"})
    waiting = log_in(crm.workspace, "ravi@example.com", PASSWORD)
    assert waiting.need == "enrol"
    crm.secrets["waiting"] = waiting.secret
    assert "second_factor" not in await send(AccountPage.open, "/account", who="waiting", token="waiting")
    shown = (await send(SetUpPage.open, "/login/set-up", who="waiting", token="waiting"))["set_up_page"]
    assert len(shown["seed"]) == 32
    form = {"label": "Example", "issuer": "https://login.example.com", "client_id": "us", "secret": "s3cret"}
    saved = await send(OidcForm.save, "/settings/sign-in", form={**form, "group_roles": "boss = admin"})
    assert "administrator" in saved["shell"]["notice"]["text"]
    saved = await send(OidcForm.save, "/settings/sign-in", form={**form, "group_roles": "leads = sales_manager"})
    assert saved["oidc_form"]["is_set"]
    assert (await send(LoginPage.open, "/login", who=""))["login_page"]["other_way"] == "Example"


async def test_a_territory_is_made_looked_after_and_removed(crm: Crm, send: Send) -> None:
    path = "/settings/territories"
    assert (await send(TerritoriesPage.open, path))["territories_page"]["lines"] == []
    await send(TerritoriesPage.choose, path, group="")
    form = {"name": "Europe", f"member::{crm.people['rita']}": "on"}
    (line,) = (await send(TerritoriesPage.save, path, form=form))["territories_page"]["lines"]
    assert (line["name"], line["members"], line["indent"]) == ("Europe", "Rita Rep", "0px")
    await send(TerritoriesPage.choose, path, group="")
    again = (await send(TerritoriesPage.save, path, form=form))["territories_page"]
    assert "already" in again["errors"]["name"]
    inside = {"name": "France", "parent": line["id"]}
    shown = (await send(TerritoriesPage.save, path, form=inside))["territories_page"]
    assert [(each["name"], each["indent"]) for each in shown["lines"]] == [("Europe", "0px"), ("France", "20px")]
    shown = (await send(TerritoriesPage.choose, path, group=shown["lines"][1]["id"]))["territories_page"]
    assert (shown["name"], shown["parent"]["value"]) == ("France", line["id"])
    shown = (await send(TerritoriesPage.remove, path))["territories_page"]
    assert [each["name"] for each in shown["lines"]] == ["Europe"]
