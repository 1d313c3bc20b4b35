"""Another service that people sign in with (OpenID Connect), as an administrator sets it up."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from crm_app.definitions.role import ADMIN
from crm_app.kernel.errors import Invalid, Problem
from crm_app.services.account_audit import audit_account
from crm_app.services.accounts import require_administrator
from crm_app.services.policies import compiled, stored_lines
from crm_app.services.sign_in_settings import drop_setting, keep_setting, setting
from crm_app.services.standing import WORKSPACE
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.secret_box import SecretBox

NAME = PURPOSE = "oidc"
_MAX = 300


@dataclass(frozen=True)
class Provider:
    """`creates`: whoever the service vouches for gets an account, with `default_role`. The groups in `group_claim` give
    the roles that `group_roles` says, at each sign-in. Never one that may administer the workspace. `ends_there`: who
    logs out here is logged out there as well, where the service offers that.
    """

    label: str
    issuer: str
    client_id: str
    sealed_secret: str = ""
    is_private: bool = False
    ends_there: bool = True
    creates: bool = False
    default_role: str = ""
    group_claim: str = ""
    group_roles: Mapping[str, str] = field(default_factory=dict[str, str])


def provider(connection: Connection) -> Provider | None:
    body = setting(connection, NAME)
    return Provider(**body) if body else None


def save_provider(work: UnitOfWork, wish: Provider, secret: str) -> None:
    """An empty secret keeps the one that is stored, while issuer and client stay the same."""
    require_administrator(work)
    before = provider(work.connection)
    problems = [*_address_problems(wish), *_role_problems(work, wish)]
    is_same = before is not None and (before.issuer, before.client_id) == (wish.issuer, wish.client_id)
    sealed = work.tools.secrets.seal(secret, PURPOSE) if secret else before.sealed_secret if before and is_same else ""
    if not sealed:
        problems.append(Problem("secret", "The service gave you a secret with the client's name; it is needed."))
    if problems:
        raise Invalid("The sign-in service was not saved.", problems)
    body = asdict(wish) | {"sealed_secret": sealed, "group_roles": dict(wish.group_roles)}
    keep_setting(work.connection, NAME, body)
    audit_account(work, "sign_in.changed", None, {"oidc": (_shown(before), _shown(wish))}, "sign_in")


def remove_provider(work: UnitOfWork) -> None:
    """Who came by it needs a password from then on."""
    require_administrator(work)
    before = provider(work.connection)
    drop_setting(work.connection, NAME)
    audit_account(work, "sign_in.changed", None, {"oidc": (_shown(before), None)}, "sign_in")


def client_secret(box: SecretBox, found: Provider) -> str:
    return box.open(found.sealed_secret, PURPOSE)


def _shown(found: Provider | None) -> dict[str, Any] | None:
    return None if found is None else {k: v for k, v in asdict(found).items() if k != "sealed_secret"}


def _address_problems(wish: Provider) -> list[Problem]:
    problems = [
        Problem(name, "This is needed, in printable characters.")
        for name in ("label", "issuer", "client_id")
        if not (value := getattr(wish, name)) or len(value) > _MAX or not value.isprintable()
    ]
    parts = urlsplit(wish.issuer)
    is_whole = parts.scheme == "https" or (parts.scheme == "http" and wish.is_private)
    if not problems and (not is_whole or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc):
        problems.append(Problem("issuer", "An issuer is an address such as https://login.example.com."))
    return problems


def _role_problems(work: UnitOfWork, wish: Provider) -> list[Problem]:
    """A group at another service must not make anybody an administrator here."""
    problems: list[Problem] = []
    known = {role.name for role in work.catalog.roles}
    for path, role in (("default_role", wish.default_role), *(("group_roles", r) for r in wish.group_roles.values())):
        if role and role not in known:
            text = "Nobody becomes an administrator that way." if role == ADMIN else f"There is no role '{role[:50]}'."
            problems.append(Problem(path, text))
        elif role and may_administer(work, role):
            problems.append(Problem(path, f"'{role}' may administer the workspace, so it is given by hand only."))
    return problems


def may_administer(work: UnitOfWork, role: str) -> bool:
    return compiled(stored_lines(work.connection)).of((role,), WORKSPACE).allows("administer")
