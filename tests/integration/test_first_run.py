"""The first account is made once, by whoever holds the link that the start printed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid, TrellisError
from crm_app.runtime.ready import ready_already
from crm_app.runtime.workspace import prepare
from crm_app.services.account_links import LinkIsOver
from crm_app.services.first_run import is_first_run, make_first, offer_first_run
from crm_app.services.log_in import Entry
from crm_app.services.sessions import Visitor, session_actor
from crm_app.services.workspace import Workspace
from tests.builders import KEYS

PASSWORD = "a quiet green teapot"


@pytest.fixture
def empty(database_url: str) -> Iterator[Workspace]:
    workspace = Workspace.open(database_url, pool_size=2, keys=KEYS)
    yield workspace
    workspace.close()


def first(
    workspace: Workspace, secret: str, name: str = "Ada", password: str = PASSWORD, address: str = "192.0.2.1"
) -> Entry:
    return make_first(workspace, secret, name, f"{name.lower()}@example.com", password, Visitor(address))


def people(workspace: Workspace) -> list[tuple[str, bool]]:
    with workspace.owned() as connection:
        return [
            (row[0], row[1]) for row in connection.execute(text("SELECT email, password_hash <> '' FROM crm.app_user"))
        ]


def test_a_start_without_demo_makes_no_account_and_offers_the_first(database_url: str, empty: Workspace) -> None:
    ready = prepare(database_url, demo=False)
    assert (ready.logins, people(empty), ready_already(database_url)) == ([], [], None)
    entry = first(empty, ready.first_link)
    with empty.work(session_actor(entry.secret)) as work:
        assert (work.who.name, work.access("*").allows("administer")) == ("Ada", True)
    again = ready_already(database_url)
    assert again is not None
    assert again.first_link == ""
    assert prepare(database_url, demo=False).first_link == ""


def test_demo_data_brings_its_own_administrator(database_url: str, empty: Workspace) -> None:
    assert prepare(database_url, demo=True).first_link == ""
    assert not is_first_run(empty)
    with pytest.raises(LinkIsOver):
        first(empty, "guessed")


def test_the_link_is_good_once_for_a_day_and_for_nobody_who_guesses(database_url: str, empty: Workspace) -> None:
    secret = prepare(database_url, demo=False).first_link
    with pytest.raises(LinkIsOver):
        first(empty, "guessed")
    with clock.frozen(clock.now() + timedelta(hours=25)), pytest.raises(LinkIsOver, match="older than a day"):
        first(empty, secret, address="192.0.2.2")
    for name, password in (("Ada", "short"), ("Ada", ""), ("Ada", "trellis ada example"), ("", PASSWORD)):
        with pytest.raises(Invalid):
            first(empty, secret, name, password)
    assert people(empty) == []
    first(empty, secret)
    with pytest.raises(LinkIsOver, match="made already"):
        first(empty, secret, "Eve")
    assert people(empty) == [("ada@example.com", True)]


def test_of_two_who_are_first_at_once_one_is(database_url: str, empty: Workspace) -> None:
    """Two servers started on one database: each printed a link of its own."""
    links = [prepare(database_url, demo=False).first_link, offer_first_run(empty)]
    other = Workspace.open(database_url, pool_size=2, keys=KEYS)

    def attempt(which: int) -> bool:
        try:
            return bool(first((empty, other)[which % 2], links[which % 2], f"Ada{which}"))
        except TrellisError:
            return False

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(attempt, range(4))) == [False, False, False, True]
    other.close()
    assert len(people(empty)) == 1


def test_the_link_is_kept_as_a_hash_and_its_use_is_in_the_audit(database_url: str, empty: Workspace) -> None:
    secret = prepare(database_url, demo=False).first_link
    with empty.owned() as connection:
        assert secret not in str(connection.execute(text("SELECT * FROM crm.sign_in")).all())
    first(empty, secret)
    with empty.owned() as connection:
        names = connection.execute(text("SELECT name FROM crm.audit WHERE object = 'user' ORDER BY id")).scalars().all()
    assert names == ["user.created", "login"]
