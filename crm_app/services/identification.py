"""Who a session or a key stands for at this moment, read together with the versions of everything else."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, TextClause, text

from crm_app.kernel import clock
from crm_app.kernel.actor import Actor, AutomationActor, KeyActor, SessionActor, SystemActor, UserActor
from crm_app.kernel.errors import NotFound, TrellisError
from crm_app.services.session_uses import IDLE

_VERSIONS = "SELECT w.schema_version, w.access_version, w.time_zone, {more} FROM crm.workspace w {joined}"
_BY_SESSION = text(
    _VERSIONS.format(
        more='s."user", m.kind, m.target, m.reason, m.until',
        joined="LEFT JOIN crm.session s ON s.hash = :hash AND s.need = '' AND s.expires_at > :now "
        "AND s.last_used_at > :idle "
        "LEFT JOIN crm.session_mode m ON m.session = s.hash AND m.until > :now",
    )
)
_BY_KEY = text(
    _VERSIONS.format(
        more='k."user", k.prefix, k.roles, k.scopes',
        joined="LEFT JOIN crm.api_key k ON k.hash = :hash AND k.revoked_at IS NULL "
        "AND (k.expires_at IS NULL OR k.expires_at > :now)",
    )
)
_BY_RUN = text(
    _VERSIONS.format(
        more='CAST(:user AS uuid) AS "user", v.hash, v.publisher',
        joined="LEFT JOIN crm.definition_version v ON v.hash = :version",
    )
)
_BY_ITSELF = text(_VERSIONS.format(more='CAST(:user AS uuid) AS "user"', joined=""))

LOOK_AS, BREAK_GLASS = "look_as", "break_glass"


class NotSetUp(TrellisError):
    """The database has no workspace yet."""

    code, status = "not_set_up", 503


class VersionGone(NotFound):
    """Nothing says any more who published what a run does, so it does nothing."""

    code = "version_gone"


@dataclass(frozen=True)
class Mode:
    """What a session does for a while beside being its person's: `LOOK_AS`, with a target, or `BREAK_GLASS`."""

    kind: str
    target: UUID | None
    reason: str
    until: datetime


@dataclass(frozen=True)
class KeyLimits:
    """`None` for all that the person has."""

    prefix: str
    roles: tuple[str, ...] | None
    scopes: tuple[str, ...] | None


@dataclass(frozen=True)
class Published:
    """Who stands behind what a run does; nobody where that is the product itself."""

    by: UUID | None


@dataclass(frozen=True)
class Identity:
    """`time_zone` is the workspace's."""

    schema_version: int
    access_version: int
    time_zone: str
    user_id: UUID | None
    mode: Mode | None = None
    key: KeyLimits | None = None
    published: Published | None = None


def identify(connection: Connection, actor: Actor) -> Identity:
    """Nobody, where the session or key is unknown, expired or revoked."""
    query, values = _question(actor)
    row = connection.execute(query, values).one_or_none()
    if row is None:
        raise NotSetUp("This database holds no Trellis workspace yet. Run ./trellis up.")
    schema, access, zone, user_id, *more = row
    if isinstance(actor, AutomationActor):
        return Identity(schema, access, zone, user_id, published=_published(actor, *more))
    if user_id is None or not more or more[0] is None:
        return Identity(schema, access, zone, user_id)
    if isinstance(actor, KeyActor):
        prefix, roles, scopes = more
        return Identity(schema, access, zone, user_id, key=KeyLimits(prefix, _tuple(roles), _tuple(scopes)))
    if isinstance(actor, SessionActor) and actor.is_oneself:
        return Identity(schema, access, zone, user_id)
    kind, target, reason, until = more
    return Identity(schema, access, zone, user_id, mode=Mode(kind, target, reason, until))


def _question(actor: Actor) -> tuple[TextClause, dict[str, object]]:
    match actor:
        case SessionActor(session_hash=secret):
            return _BY_SESSION, {"hash": secret, "now": clock.now(), "idle": clock.now() - IDLE}
        case KeyActor(key_hash=secret):
            return _BY_KEY, {"hash": secret, "now": clock.now()}
        case AutomationActor(runner_id=user_id, version=version):
            return _BY_RUN, {"user": user_id, "version": version}
        case UserActor(user_id=user_id):
            return _BY_ITSELF, {"user": user_id}
        case SystemActor():
            return _BY_ITSELF, {"user": None}


def _published(actor: AutomationActor, version: str | None, publisher: UUID | None) -> Published:
    if actor.tried_by is not None:
        return Published(actor.tried_by)
    if version is None:
        raise VersionGone("The version of the workflow that this run belongs to is gone.")
    return Published(publisher)


def _tuple(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)
