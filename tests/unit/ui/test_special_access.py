"""The pages of keys, of special access and of the audit, through the gate."""

from crm_app.services.api_keys import key_actor
from crm_app.ui.keys.keys_state import KeysPage
from crm_app.ui.records.list_state import ListPage
from crm_app.ui.settings.audit_page import AuditPage
from crm_app.ui.settings.special_access_page import SpecialAccessPage
from crm_app.ui.shell_state import Shell
from tests.unit.ui.conftest import PASSWORD, Crm, Send

_SPECIAL, _KEYS = "/settings/special-access", "/account/keys"


async def test_looking_shows_the_banner_and_the_other_persons_lists_until_it_is_stopped(crm: Crm, send: Send) -> None:
    crm.create("deal", name="Ritas", owner="rita")
    crm.create("deal", name="Ravis", owner="ravi")
    form = {"user": str(crm.people["rita"]), "reason": "Why", "minutes": "5"}
    await send(SpecialAccessPage.open, _SPECIAL)
    await send(SpecialAccessPage.look, _SPECIAL, form=form)
    found = await send(ListPage.open, "/o/deal")
    assert "Ritas" in str(found["list_page"]["lines"])
    assert "Ravis" not in str(found["list_page"]["lines"])
    assert found["shell"]["mode"]["text"].startswith("You are looking as Rita Rep until")
    assert found["shell"]["person"] == "Rita Rep"
    refused = await send(KeysPage.open, _KEYS)
    assert "not shown" in refused["shell"]["problem_text"]
    await send(Shell.stop_mode, "/o/deal")
    again = await send(ListPage.open, "/o/deal")
    assert "Ravis" in str(again["list_page"]["lines"])
    assert again["shell"]["person"] == "Ada Admin"
    audit = await send(AuditPage.open, "/settings/audit?action=looking.started")
    assert [line["who"] for line in audit["audit_page"]["lines"]] == ["Ada Admin"]


async def test_the_glass_breaks_with_the_password_only_and_mistakes_stand_at_their_inputs(send: Send) -> None:
    wrong = {"password": "wrong", "reason": "A long enough reason", "minutes": "5"}
    await send(SpecialAccessPage.open, _SPECIAL)
    found = await send(SpecialAccessPage.break_in, _SPECIAL, form=wrong)
    assert found["special_access_page"]["errors"] == {"glass-password": "That is not your password."}
    await send(SpecialAccessPage.break_in, _SPECIAL, form={**wrong, "password": PASSWORD})
    shown = await send(SpecialAccessPage.open, _SPECIAL)
    assert shown["shell"]["mode"]["kind"] == "break_glass"
    assert "Ada Admin has broken the glass" in str(shown["special_access_page"]["lines"])
    found = await send(SpecialAccessPage.open, _SPECIAL, who="rita")
    assert found["shell"]["problem"] == "forbidden"


async def test_a_new_key_is_shown_once_and_can_be_ended(crm: Crm, send: Send) -> None:
    role = {"role::sales_rep": "on"}
    await send(KeysPage.open, _KEYS, who="rita")
    found = await send(
        KeysPage.create, _KEYS, who="rita", form={**role, "label": "Sync", "days": "30", "kind": "*:read"}
    )
    key = found["keys_page"]["shown_key"]
    with crm.workspace.work(key_actor(key)) as work:
        assert work.access("deal").scopes.keys() == {"read"}
    opened = await send(KeysPage.open, _KEYS, who="rita")
    assert opened["keys_page"].get("shown_key", "") == ""
    assert "Sync" in str(await send(KeysPage.open, _KEYS))
    prefix = key.split("_")[1]
    assert "no live key" in str(await send(KeysPage.revoke, _KEYS, who="ravi", prefix=prefix))
    ended = await send(KeysPage.revoke, _KEYS, who="rita", prefix=prefix)
    assert ended["keys_page"]["own"][0]["state"] == "Revoked"
    bad = await send(KeysPage.create, _KEYS, who="rita", form={**role, "kind": "own", "scopes": "deal:fly"})
    assert "scopes" in bad["keys_page"]["errors"]
    for form, place in (({}, "scopes"), ({"$ne": 1}, "scopes"), ({"kind": "all", "days": "soon"}, "days")):
        bad = await send(KeysPage.create, _KEYS, who="rita", form={**role, **form})
        assert place in bad["keys_page"]["errors"], form


async def test_the_audit_is_for_administrators(send: Send) -> None:
    found = await send(AuditPage.open, "/settings/audit", who="rita")
    assert found["shell"]["problem"] == "forbidden"
    assert not found.get("audit_page", {}).get("lines")
