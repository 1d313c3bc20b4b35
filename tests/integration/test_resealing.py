"""All stored secrets are sealed anew with a new key, in one transaction, and none is lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from crm_app.kernel.actor import SystemActor
from crm_app.kernel.errors import Forbidden
from crm_app.kernel.settings import SecretKeys
from crm_app.runtime.commands.reseal import command
from crm_app.services.accounts import add_user
from crm_app.services.connections import opened_connection, save_connection
from crm_app.services.oidc_settings import Provider, client_secret, provider, save_provider
from crm_app.services.resealing import reseal
from crm_app.services.second_factors import begin_set_up
from crm_app.services.workspace import Workspace
from crm_app.storage.secret_box import CannotOpen
from tests.builders import Crm

SMTP = {"type": "smtp", "host": "mail.example.com", "sender": "crm@example.com"}


class Safe:
    """A workspace whose keys are in a file, and a secret of every kind, sealed with the first of them."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.crm, self.url, self.folder = Crm(database_url), database_url, folder
        self.workspace = Workspace.open(database_url, pool_size=2, keys=SecretKeys(folder / "secret.keys"))
        with self.workspace.work(SystemActor("test")) as work:
            self.ann = add_user(work, "Ann", "ann@example.com", roles=["rep"])
            save_connection(work, "post", SMTP, "mail password")
            wish = replace(Provider("Example", "https://login.example.com", "us"))
            save_provider(work, wish, "client secret")
            self.seed = begin_set_up(work.connection, work.tools.secrets, self.ann, "ann@example.com", "session").seed

    def kept(self) -> str:
        columns = "(SELECT secret FROM crm.connection), (SELECT sealed FROM crm.second_factor)"
        with self.workspace.owned() as connection:
            return str(connection.execute(text(f"SELECT {columns}, (SELECT body::text FROM crm.sign_in)")).all())  # noqa: S608

    def opened(self) -> tuple[str, str, str]:
        with self.workspace.work(SystemActor("test")) as work:
            found = provider(work.connection)
            assert found
            seed = begin_set_up(work.connection, work.tools.secrets, self.ann, "ann@example.com", "session").seed
            return opened_connection(work, "post")[1], client_secret(work.tools.secrets, found), seed

    def run(self, monkeypatch: pytest.MonkeyPatch, *more: str) -> str:
        monkeypatch.setenv("DATABASE_URL", self.url)
        done = CliRunner().invoke(command, ["--data", str(self.folder), *more], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output


@pytest.fixture
def safe(database_url: str, tmp_path: Path) -> Iterator[Safe]:
    safe = Safe(database_url, tmp_path)
    yield safe
    safe.workspace.close()
    safe.crm.close()


def test_the_command_seals_all_of_it_with_a_new_key_and_then_forgets_the_old(
    safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets, before = safe.opened(), safe.kept()
    assert secrets == ("mail password", "client secret", safe.seed)
    assert "1 connections, 1 second factors, 1 sign in" in safe.run(monkeypatch)
    assert before != safe.kept()
    assert safe.opened() == secrets
    assert "Older keys taken away: 1" in safe.run(monkeypatch, "--forget")
    assert safe.opened() == secrets
    with safe.workspace.owned() as connection:
        query = text("SELECT changes::text FROM crm.audit WHERE name = 'secrets.resealed'")
        told = str(connection.execute(query).all())
    assert "connections" in told
    assert not any(secret in told for secret in secrets)


def test_one_that_can_not_be_opened_stops_all(safe: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    with safe.workspace.owned() as connection:
        connection.execute(text('UPDATE crm.sign_in SET body = body || \'{"sealed_secret": "v1.x.y"}\''))
    before = safe.kept()
    with pytest.raises(CannotOpen):
        safe.run(monkeypatch)
    assert safe.kept() == before
    assert len((safe.folder / "secret.keys").read_text().splitlines()) == 2


def test_only_who_administers_seals_anew(safe: Safe) -> None:
    with safe.crm.work(safe.crm.user("Bob")) as work, pytest.raises(Forbidden):
        reseal(work)
