"""Who stands behind what automations do: a run may do what its runner and whoever published its version both may. The
product itself, which brings packages and runs the command line, bounds nobody.
"""

from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text, update

from crm_app.access.visible import EVERYONE
from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.definition_store import content_hash
from crm_app.services.definitions import require_may_publish
from crm_app.services.live import load_people
from crm_app.services.policies import compiled, stored_lines
from crm_app.services.standing import WORKSPACE, PublisherSeesNot
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import DefinitionVersionRow, UserRow, table_of

_VERSIONS, _USERS = table_of(DefinitionVersionRow), table_of(UserRow)
_AUTOMATIONS = _VERSIONS.c.kind == "automations"
_OPEN_BEHIND = text(
    "SELECT DISTINCT v.name FROM crm.definition_version v WHERE v.kind = 'automations' AND v.publisher = :user "
    "AND (v.hash = ANY(:live) OR EXISTS (SELECT FROM crm.run r WHERE r.automation_hash = v.hash "
    "AND r.status IN ('pending', 'started'))) ORDER BY v.name"
)


@dataclass(frozen=True)
class Publisher:
    """`lacks` says what is wrong with them; nothing where it is all right."""

    name: str
    lacks: str = ""


def publishers(work: UnitOfWork) -> Mapping[str, Publisher]:
    """Of every live automation that a person stands behind, by its name."""
    require_may_publish(work)
    live = {content_hash(each): each.name for each in work.catalog.automations}
    joined = _VERSIONS.join(_USERS, _USERS.c.id == _VERSIONS.c.publisher)
    query = select(_VERSIONS.c.hash, _USERS.c.id, _USERS.c.name).select_from(joined)
    rows = work.connection.execute(query.where(_VERSIONS.c.hash.in_(live))).all()
    people = load_people(work.connection, sorted({row.id for row in rows}))
    policy = compiled(stored_lines(work.connection))

    def lacks(user: UUID) -> str:
        if user not in people:
            return "who has no active account any more: its runs fail"
        may = work.schema.verdicts(people[user], policy).on(WORKSPACE).allows("administer")
        return "" if may else "who is no administrator any more: its runs do only what they may, too"

    return {live[row.hash]: Publisher(row.name, lacks(row.id)) for row in rows}


def publisher_of(work: UnitOfWork, version: str) -> str:
    """Who stands behind the version of an automation with this hash; nothing where nobody does."""
    query = select(_USERS.c.name).join(_VERSIONS, _VERSIONS.c.publisher == _USERS.c.id)
    return work.connection.execute(query.where(_AUTOMATIONS, _VERSIONS.c.hash == version)).scalar() or ""


def publish_in_my_name(work: UnitOfWork, names: Collection[str]) -> None:
    """Whoever acts stands behind these from now on, also for the runs of earlier versions."""
    require_may_publish(work)
    live = {each.name for each in work.catalog.automations}
    if unknown := sorted(set(names) - live):
        raise NotFound(f"There is no workflow '{unknown[0][:50]}'.")
    for name in sorted(names):
        _take(work, name)


def stands_behind(work: UnitOfWork, user: UUID) -> Sequence[str]:
    """The automations that are live, or have runs under way, in versions that this person published."""
    live = [content_hash(each) for each in work.catalog.automations]
    return work.connection.execute(_OPEN_BEHIND, {"user": user, "live": live}).scalars().all()


def take_over(work: UnitOfWork, user: UUID) -> None:
    """Whoever acts stands behind what that person published: nobody is made to answer for what they have not seen."""
    require_may_publish(work)
    for name in stands_behind(work, user):
        _take(work, name)


def _take(work: UnitOfWork, name: str) -> None:
    theirs = _AUTOMATIONS & (_VERSIONS.c.name == name)
    before = work.connection.execute(select(_VERSIONS.c.publisher).where(theirs).distinct()).scalars().all()
    mine = work.who.user_id
    work.connection.execute(update(_VERSIONS).where(theirs).values(publisher=mine))
    was = {"automation": name, "publisher": sorted(str(each) for each in before if each)}
    now = {"automation": name, "publisher": str(mine) if mine else ""}
    write_entry(work, Entry("automation.publisher", "automation", before=was, after=now))


@contextmanager
def telling_of_publisher(work: UnitOfWork, ref: RecordRef) -> Generator[None]:
    """Where a run can't see its own record only because of whoever published what it does, that is said."""
    try:
        yield
    except NotFound as absent:
        definition = work.catalog.by_name.get(ref.object)
        if work.standing.alone is None or isinstance(absent, PublisherSeesNot) or definition is None:
            raise
        record = work.records.fetch(ref.object, [ref.id], EVERYONE).get(ref.id)
        if record is None or not work.is_publishers("read", ref.object, record):
            raise
        label = definition.label.lower()
        raise PublisherSeesNot(work.standing.of_publisher(f"read this {label}")) from absent
