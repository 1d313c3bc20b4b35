"""From a refusal there is a way to why; and a policy line that says nothing any more is told of."""

from collections.abc import Iterator
from typing import Any

import pytest

from crm_app.kernel.errors import Forbidden
from crm_app.services import why
from crm_app.services.broken_policies import broken_lines
from crm_app.services.health import health
from tests.access.test_scopes import business, rep, scoped
from tests.builders import Crm
from tests.integration.api_client import DEALS, Api

_INSERT = (
    "INSERT INTO crm.policy (id, role, line) VALUES (gen_random_uuid(), 'rep', "
    "jsonb_build_array('p', 'rep', %s::text, %s::text, %s::text, %s::text, %s::text))"
)


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    crm = Crm(database_url, business(rep(scoped("own"), scoped("team", "read"))))
    yield Api(crm)
    crm.close()


def refusal(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 403, answer.text
    return answer.json()["error"]


def test_a_refusal_leads_to_what_would_help(api: Api) -> None:
    deal = api.deal("ann")
    api.people["ben"] = api.crm.user("Ben", team="north")
    ben = api.client("ben")
    for answer, action in (
        (ben.patch(f"{DEALS}/{deal}", json={"values": {"name": "x"}}), "edit"),
        (ben.delete(f"{DEALS}/{deal}"), "delete"),
    ):
        said = refusal(answer)
        assert said["details"] == {"why": f"{DEALS}/{deal}/why?action={action}"}
        answered = ben.get(said["details"]["why"]).json()
        assert not answered["allowed"]
        assert "Max" in answered["remedy"]["by"]


def test_what_is_not_there_yet_has_no_why(api: Api) -> None:
    api.crm.publish(business(rep(scoped("own", "read"))))
    assert "details" not in refusal(api.client("ann").post(DEALS, json={"values": {"name": "new"}}))


def test_so_many_accounts_are_asked_about_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(why, "MAX_PEOPLE", 2)
    deal, seen, after = api.deal("ann"), list[str](), ""
    for _ in range(10):
        query = {"after": after} if after else {}
        found = api.client("max").get(f"{DEALS}/{deal}/access", params=query).json()
        seen += [each["name"] for each in found["people"]]
        after = found["next"]
        if not after:
            break
    assert sorted(seen) == ["Ann", "Max"]


def test_lines_that_say_nothing_any_more_are_named(api: Api) -> None:
    crm = api.crm
    broken = {
        ("deal", "*", "read", "rule:sise < 10", "allow"): "its rule 'sise < 10' can't be read",
        ("deal", "*", "edit", "rule:size <", "restrict"): "nothing is left of what it restricts",
        ("deal", "*", "read", "sideways", "allow"): "'sideways' is no scope",
        ("deal", "*", "read", "all", "alow"): "'alow' is no effect",
        ("deal", "*", "raed", "all", "allow"): "'raed' is no action",
        ("gone", "*", "read", "all", "allow"): "there is no object 'gone'",
        ("deal", "gone", "none", "all", "deny"): "there is no field 'gone'",
    }
    with crm.work() as work:
        assert broken_lines(work) == []
        for line in (
            *broken,
            ("deal", "*", "read", "rule:size < 10", "allow"),
            ("deal", "size", "mask", "all", "deny"),
        ):
            work.connection.exec_driver_sql(_INSERT, line)
    with crm.work() as work:
        found = [each.sentence for each in broken_lines(work)]
        assert len(found) == len(broken)
        for said in broken.values():
            assert sum(said in sentence for sentence in found) == 1, said
        assert all(sentence.startswith("Role Rep, ") for sentence in found)
        assert {f"{sentence} Mend the role." for sentence in found} <= set(health(work, None).problems)
    with crm.work(api.people["ann"]) as work, pytest.raises(Forbidden):
        broken_lines(work)
