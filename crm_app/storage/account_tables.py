"""The system's tables of how people prove who they are. None of them bumps the access version: what a person may do
does not follow from them.
"""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false
# (SQLModel declares `__tablename__` and `metadata` as what its metaclass makes of them.)

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable


def _moment(**settings: Any) -> Any:
    return Field(sa_type=DateTime(timezone=True), **settings)  # pyright: ignore[reportArgumentType]


class SessionRow(SystemTable, table=True):
    """`id` names it in lists, `hash` is of its secret. With a `need` it opens nothing yet: a second factor is still to
    be shown (`code`) or to be set up (`enrol`).
    """

    __tablename__ = "session"
    hash: str = Field(primary_key=True)
    id: UUID = Field(unique=True)
    user: UUID = Field(foreign_key="crm.app_user.id", index=True)
    created_at: datetime = _moment()
    last_used_at: datetime = _moment()
    expires_at: datetime = _moment()
    address: str = ""
    agent: str = ""
    method: str = "password"
    need: str = ""


class LoginAttemptRow(SystemTable, table=True):
    """Refused log-ins by account and by address, for throttling across processes."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index("login_attempt_subject_at", "subject", "at"),)
    id: UUID = Field(primary_key=True)
    subject: str
    at: datetime = _moment()


class AccountLinkRow(SystemTable, table=True):
    """An invitation, or a way to a new password: good for one use, until it expires or a newer one replaces it."""

    __tablename__ = "account_link"
    hash: str = Field(primary_key=True)
    user: UUID = Field(foreign_key="crm.app_user.id", index=True)
    purpose: str
    created_at: datetime = _moment()
    created_by: UUID | None = None
    expires_at: datetime = _moment()


class SecondFactorRow(SystemTable, table=True):
    """A person's one-time codes (RFC 6238). `sealed` is the seed; a code of the step `last_step` or before is spent.
    Until one was entered, the seed is for the `session` that it was shown to.
    """

    __tablename__ = "second_factor"
    user: UUID = Field(primary_key=True, foreign_key="crm.app_user.id")
    sealed: str
    created_at: datetime = _moment()
    confirmed_at: datetime | None = _moment(default=None)
    last_step: int = 0
    session: str | None = None


class RecoveryCodeRow(SystemTable, table=True):
    """One code that stands in for a lost second factor; used once, it is gone."""

    __tablename__ = "recovery_code"
    user: UUID = Field(primary_key=True, foreign_key="crm.app_user.id")
    hash: str = Field(primary_key=True)


class IdentityRow(SystemTable, table=True):
    """Who somebody is at another sign-in service. The subject is that service's own name for them and never changes.
    `is_proven`: they connected it here themselves, logged in; else it was linked by the address that the service told.
    """

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("user", "issuer"),)
    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    user: UUID = Field(foreign_key="crm.app_user.id")
    email: str
    created_at: datetime = _moment()
    is_proven: bool = False


class SignInRow(SystemTable, table=True):
    """How people sign in: `second_factor` holds the roles that need one, `oidc` another sign-in service."""

    __tablename__ = "sign_in"
    name: str = Field(primary_key=True)
    body: dict[str, Any] = Field(sa_type=JSONB)
