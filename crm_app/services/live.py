"""What is current in a workspace, cached per process by the versions that every unit of work reads first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, text

from crm_app.access.decide import Verdicts
from crm_app.access.policy import Policy
from crm_app.access.who import Share, Who
from crm_app.definitions.model import Definition
from crm_app.definitions.package import KINDS, Package
from crm_app.definitions.upgrade import upgraded
from crm_app.kernel import clock
from crm_app.services.field_infos import FieldInfos, with_results
from crm_app.services.once_listened import Listened, once_listened
from crm_app.services.processes import DrivenField, driven_fields
from crm_app.services.rulebook import Rulebook
from crm_app.storage.tables import TableSet

POLICIES = Path(__file__).resolve().parents[2] / "policies"

_DEFINITIONS = text("SELECT kind, name, schema_version FROM crm.definition ORDER BY kind, name")
_BODIES = text("SELECT kind, name, schema_version, body FROM crm.definition WHERE schema_version > :version")
_POLICY = text("SELECT line FROM crm.policy ORDER BY id")
_WHO = text("""
SELECT u.id, u.name, u.email, u.time_zone, w.time_zone,
       ARRAY(SELECT role FROM crm.user_role WHERE "user" = u.id ORDER BY role),
       ARRAY(SELECT DISTINCT peer."user" FROM crm.team_member mine JOIN crm.team_member peer ON peer.team = mine.team
             WHERE mine."user" = u.id),
       ARRAY(WITH RECURSIVE managed AS (
                 SELECT id FROM crm.team WHERE manager = u.id
                 UNION SELECT child.id FROM crm.team child JOIN managed ON child.parent = managed.id)
             SELECT DISTINCT member."user" FROM managed JOIN crm.team_member member ON member.team = managed.id),
       ARRAY(WITH RECURSIVE report AS (
                 SELECT id FROM crm.app_user WHERE manager = u.id
                 UNION SELECT under.id FROM crm.app_user under JOIN report ON under.manager = report.id)
             SELECT id FROM report),
       ARRAY(SELECT territory FROM crm.territory_member WHERE "user" = u.id),
       ARRAY(WITH RECURSIVE held AS (
                 SELECT territory AS id FROM crm.territory_member WHERE "user" = u.id
                 UNION SELECT under.id FROM crm.territory under JOIN held ON under.parent = held.id)
             SELECT id FROM held)
FROM crm.app_user u CROSS JOIN crm.workspace w
WHERE u.id = ANY(:users) AND u.is_active
""")
_SHARES = text("""
WITH RECURSIVE held AS (
    SELECT "user", role FROM crm.user_role WHERE "user" = ANY(:users)
    UNION SELECT held."user", line ->> 2 FROM held JOIN crm.policy ON line ->> 0 = 'g' AND line ->> 1 = held.role
), grantee AS (
    SELECT id AS "user", 'user' AS kind, CAST(id AS text) AS name FROM crm.app_user WHERE id = ANY(:users)
    UNION ALL SELECT "user", 'team', CAST(team AS text) FROM crm.team_member WHERE "user" = ANY(:users)
    UNION ALL SELECT "user", 'role', role FROM held
)
SELECT "user", object, record, level, until, CASE WHEN share.kind = 'role' THEN share.grantee ELSE '' END
FROM crm.share JOIN grantee ON grantee.kind = share.kind AND grantee.name = share.grantee
""")


DefinitionKey = tuple[str, str, int]


@dataclass(frozen=True)
class Schema:
    """The definitions of one schema version, and their tables. `stored` holds the archived ones too; only publishing
    looks at those. `loaded` names each by the version that made it. For `once_listened` see there.
    """

    version: int
    stored: Package
    loaded: Mapping[DefinitionKey, Definition] = field(default_factory=dict[DefinitionKey, Definition])
    once_listened: Listened = field(default_factory=dict[str, frozenset[str]])

    @cached_property
    def package(self) -> Package:
        """What is live, with what computed fields give."""
        return with_results(self.stored.live, self.field_infos)

    @cached_property
    def tables(self) -> TableSet:
        return TableSet(self.package.by_name.values(), self.field_infos)

    @cached_property
    def field_infos(self) -> FieldInfos:
        """Every object's fields as rules see them, before any permission."""
        return FieldInfos(self.stored.live)

    @cached_property
    def rules(self) -> Rulebook:
        return Rulebook(self.field_infos, self.package.by_decision)

    def verdicts(self, who: Who, policy: Policy) -> Verdicts:
        """What somebody may do under a policy, as of now."""
        return Verdicts(who, policy, self.package.by_name, self.rules.scope_rule, clock.now())

    @cached_property
    def _driven(self) -> dict[str, tuple[DrivenField, ...]]:
        return {d.name: driven_fields(d, self.rules) for d in self.package.objects if d.pipelines}

    def driven(self, name: str) -> tuple[DrivenField, ...]:
        """The object's fields that pipelines drive."""
        return self._driven.get(name, ())


@dataclass(frozen=True)
class Access:
    """The policy of one access version, and the people already looked up under it, with what they may do."""

    version: int
    policy: Policy
    people: dict[UUID, Who | None] = field(default_factory=dict[UUID, Who | None])
    _judged: dict[UUID, Verdicts] = field(default_factory=dict[UUID, Verdicts])

    def judge(self, who: Who, schema: Schema) -> Verdicts:
        """Of somebody as they were looked up it is kept, unless a share of theirs ends with time."""
        is_kept = who.user_id is not None and self.people.get(who.user_id) is who
        if who.user_id is None or not is_kept or any(share.until for share in who.shares):
            return schema.verdicts(who, self.policy)
        known = self._judged.get(who.user_id)
        if known is None or known.objects is not schema.package.by_name:
            known = self._judged[who.user_id] = schema.verdicts(who, self.policy)
        return known


def load_schema(connection: Connection, version: int, last: Schema | None = None) -> Schema:
    """What did not change since `last` is taken from there, with all that was worked out from it."""
    known = dict(last.loaded) if last is not None and last.version < version else {}
    newer = last.version if last is not None and known else -1
    for kind, name, made, body in connection.execute(_BODIES, {"version": newer}):
        known[kind, name, made] = KINDS[kind].model_validate(upgraded(kind, body))
    keys: list[DefinitionKey] = [(kind, name, made) for kind, name, made in connection.execute(_DEFINITIONS)]
    loaded = {key: known[key] for key in keys}
    kinds: dict[str, list[Definition]] = {kind: [] for kind in KINDS}
    for (kind, _, _), definition in loaded.items():
        kinds[kind].append(definition)
    listened = once_listened(connection, newer, last.once_listened if last is not None and known else {})
    return Schema(version, Package.of(kinds), loaded, listened)


def load_access(connection: Connection, version: int) -> Access:
    lines = [tuple(line) for (line,) in connection.execute(_POLICY)]
    return Access(version, Policy((POLICIES / "model.conf").read_text(), lines))


def load_person(connection: Connection, user_id: UUID) -> Who | None:
    """The facts about an active person; `None` for anyone else."""
    return load_people(connection, [user_id]).get(user_id)


def load_people(connection: Connection, user_ids: Sequence[UUID]) -> dict[UUID, Who]:
    """The facts about those who are active."""
    users = {"users": list(user_ids)}
    shares: dict[UUID, list[Share]] = defaultdict(list)
    for user_id, *share in connection.execute(_SHARES, users):
        shares[user_id].append(Share(*share))
    found: dict[UUID, Who] = {}
    for user_id, name, email, zone, default_zone, roles, *people in connection.execute(_WHO, users):
        sets = (frozenset(each) for each in people)
        zone_name, shared = zone or default_zone, tuple(shares[user_id])
        found[user_id] = Who(user_id, name, email, zone_name, tuple(roles), *sets, shares=shared)
    return found
