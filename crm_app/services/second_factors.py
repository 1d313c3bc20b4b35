"""One-time codes of an app on the person's phone (RFC 6238), and recovery codes for when it is lost."""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pyotp
import segno
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid, Problem
from crm_app.kernel.ids import secret_hash
from crm_app.storage.account_tables import RecoveryCodeRow, SecondFactorRow
from crm_app.storage.secret_box import SecretBox
from crm_app.storage.system_tables import table_of

ISSUER = "Trellis"
STEP_SECONDS, STEPS_ASIDE = 30, 1
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_pyotp: Any = pyotp  # neither library has types
_segno: Any = segno
_FACTORS, _RECOVERY = table_of(SecondFactorRow), table_of(RecoveryCodeRow)


class WrongCode(Invalid):
    code = "wrong_code"


@dataclass(frozen=True)
class SetUp:
    """What the app reads: `picture` is a QR code as a data address, `seed` the same to type."""

    seed: str
    picture: str


def has_second_factor(connection: Connection, user: UUID) -> bool:
    query = select(_FACTORS.c.user).where(_FACTORS.c.user == user, _FACTORS.c.confirmed_at.is_not(None))
    return connection.execute(query).first() is not None


def begin_set_up(connection: Connection, box: SecretBox, user: UUID, email: str, session: str) -> SetUp:
    """A seed that counts once a code of it was entered in the same session. There it is shown again; another session
    gets one of its own, since whoever saw a seed can make its codes.
    """
    columns = (_FACTORS.c.sealed, _FACTORS.c.confirmed_at, _FACTORS.c.session)
    row = connection.execute(select(*columns).where(_FACTORS.c.user == user).with_for_update()).one_or_none()
    if row is not None and row.confirmed_at is not None:
        raise Invalid("Your account has a second factor already.")
    if row is not None and row.session == session:
        seed = box.open(row.sealed, purpose_of(user))
    else:
        seed = _pyotp.random_base32()
        body = {"sealed": box.seal(seed, purpose_of(user)), "session": session, "created_at": clock.now()}
        made = insert(_FACTORS).values({**body, "user": user, "last_step": 0})
        connection.execute(made.on_conflict_do_update(index_elements=["user"], set_=body))
    address: str = _pyotp.TOTP(seed).provisioning_uri(name=email, issuer_name=ISSUER)
    picture: str = _segno.make(address, error="m").svg_data_uri(scale=4, border=2, light="#fff")
    return SetUp(seed, picture)


def confirm_set_up(connection: Connection, box: SecretBox, user: UUID, code: str, session: str) -> None:
    begun = connection.execute(select(_FACTORS.c.session).where(_FACTORS.c.user == user)).scalar_one_or_none()
    if begun is not None and begun != session:
        raise Invalid("It was begun anew in another window or browser. Load this page again, and scan the new code.")
    step = _fresh_step(connection, box, user, code, is_confirmed=False)
    if not step:
        raise WrongCode("The code is not right.", [Problem("code", "That code is not right. Try the next one.")])
    mine = update(_FACTORS).where(_FACTORS.c.user == user)
    connection.execute(mine.values(confirmed_at=clock.now(), last_step=step, session=None))


def accept(connection: Connection, box: SecretBox, user: UUID, code: str) -> str:
    """How it was shown: by `code` or `recovery`; nothing where it is wrong or spent. Either is good once."""
    step = _fresh_step(connection, box, user, code, is_confirmed=True)
    if step:
        connection.execute(update(_FACTORS).where(_FACTORS.c.user == user).values(last_step=step))
        return "code"
    wanted = secret_hash("".join(code.lower().split()).replace("-", ""))
    spent = delete(_RECOVERY).where(_RECOVERY.c.user == user, _RECOVERY.c.hash == wanted)
    return "recovery" if connection.execute(spent).rowcount else ""


def new_recovery_codes(connection: Connection, user: UUID) -> list[str]:
    """To be shown once; those of before don't count any more."""
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    connection.execute(delete(_RECOVERY).where(_RECOVERY.c.user == user))
    connection.execute(insert(_RECOVERY), [{"user": user, "hash": secret_hash(code)} for code in codes])
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in codes]


def recovery_codes_left(connection: Connection, user: UUID) -> int:
    return len(connection.execute(select(_RECOVERY.c.hash).where(_RECOVERY.c.user == user)).all())


def remove_second_factor(connection: Connection, user: UUID) -> bool:
    """Whether there was one."""
    connection.execute(delete(_RECOVERY).where(_RECOVERY.c.user == user))
    return connection.execute(delete(_FACTORS).where(_FACTORS.c.user == user)).rowcount > 0


def _fresh_step(connection: Connection, box: SecretBox, user: UUID, code: str, *, is_confirmed: bool) -> int:
    """The time step that the code belongs to, where no code of it or of a later one was used; otherwise 0. The row
    stays locked, so that the same code twice at once is used once.
    """
    query = select(_FACTORS).where(_FACTORS.c.user == user).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    digits = "".join(code.split())
    if (
        row is None
        or (row["confirmed_at"] is not None) != is_confirmed
        or not (digits.isascii() and digits.isdecimal())
    ):
        return 0
    seed = box.open(row["sealed"], purpose_of(user))
    if not box.is_current(row["sealed"]):
        resealed = update(_FACTORS).where(_FACTORS.c.user == user).values(sealed=box.seal(seed, purpose_of(user)))
        connection.execute(resealed)
    return next((step for step in _steps() if step > row["last_step"] and _matches(seed, step, digits)), 0)


def _steps() -> Iterable[int]:
    now = int(clock.now().timestamp()) // STEP_SECONDS
    return range(now - STEPS_ASIDE, now + STEPS_ASIDE + 1)


def _matches(seed: str, step: int, digits: str) -> bool:
    expected: str = _pyotp.TOTP(seed).generate_otp(step)
    return hmac.compare_digest(expected.encode(), digits.encode())


def purpose_of(user: UUID) -> str:
    return f"totp:{user}"
