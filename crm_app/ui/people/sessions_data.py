from typing import TypedDict
from uuid import UUID

from crm_app.kernel.times import moment_text
from crm_app.services.sessions import HeldSession, list_sessions
from crm_app.services.unit_of_work import UnitOfWork

_METHODS = {
    "password": "Password",
    "link": "Link",
    "renewed": "New password",
    "code": "Password and code",
    "recovery": "Password and recovery code",
    "oidc": "Single sign-on",
    "oidc_mfa": "Single sign-on with two factors",
}


class SessionLine(TypedDict):
    id: str
    device: str
    mark: str
    note: str
    used: str
    is_this: bool
    end_label: str


def session_lines(work: UnitOfWork, user: UUID | None = None) -> list[SessionLine]:
    return [_line(work, each) for each in list_sessions(work, user)]


def _line(work: UnitOfWork, each: HeldSession) -> SessionLine:
    started = moment_text(each.created_at, work.who.time_zone)
    is_phone = any(name in each.device for name in ("iPhone", "Android"))
    return SessionLine(
        id=str(each.id),
        device=each.device,
        mark="smartphone" if is_phone else "monitor",
        note=" · ".join(p for p in (_METHODS.get(each.method, each.method), f"since {started}", each.address) if p),
        used=moment_text(each.last_used_at, work.who.time_zone),
        is_this=each.is_this,
        end_label=f"End the session on {each.device} since {started}",
    )
