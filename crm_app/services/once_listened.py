"""Which facts earlier versions of automations want. A run keeps the version that it began with, so it may wait for what
no live automation listens to any more.
"""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection, text

from crm_app.definitions.automation import listens_to
from crm_app.definitions.upgrade import upgraded

Listened = Mapping[str, frozenset[str]]
"""The automations of which any version has listened to an object, by its name."""

_VERSIONS = text(
    "SELECT name, body FROM crm.definition_version WHERE kind = 'automations' AND schema_version > :version"
)
_UNDER_WAY = text(
    "SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE EXISTS "
    "(SELECT FROM crm.run WHERE automation = name AND status IN ('pending', 'started'))"
)


def once_listened(connection: Connection, since: int, known: Listened) -> Listened:
    """With what is `known` of the versions up to `since`."""
    found: dict[str, frozenset[str]] = defaultdict(frozenset, known)
    for name, body in connection.execute(_VERSIONS, {"version": since}):
        for about in listens_to(upgraded("automations", body)):
            found[about] |= {name}
    return dict(found)


def still_awaited(connection: Connection, once: Listened) -> frozenset[str]:
    """The objects whose facts a run may wait for. It is asked for runs and not for waits: a run is there before it
    begins to wait, so none is overlooked that does so just now.
    """
    if not once:
        return frozenset()
    names = sorted(frozenset[str]().union(*once.values()))
    under_way = set(connection.execute(_UNDER_WAY, {"names": names}).scalars())
    return frozenset(about for about, automations in once.items() if automations & under_way)
