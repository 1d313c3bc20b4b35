"""What the proofs of the door share: who comes, what every address is, and whether anything in the database moved."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import text
from starlette.applications import Starlette

from crm_app.api.app import create_api
from crm_app.kernel import clock
from crm_app.services.accounts import add_user
from crm_app.services.api_keys import revoke_key
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.web.route_access import RouteAccess, access_of, every_route
from tests.builders import Crm
from tests.integration.api_client import Api

# When a key, a session or an index was last used is noted beside the requests, whatever they were answered.
_USES = {
    "crm.api_key": "to_jsonb(t) - 'last_used_at'",
    "crm.session": "to_jsonb(t) - 'last_used_at'",
    "crm.slow_list": "NULL::jsonb",
}
_TABLES = text(
    "SELECT schemaname || '.\"' || tablename || '\"' FROM pg_tables WHERE schemaname IN ('crm', 'data') ORDER BY 1"
)
ADMINS_ONLY = ("/v1/audit", "/v1/runs", "/v1/roles", "/v1/automations", "/v1/exchange-rates/")
STRANGERS = ("", "revoked", "expired", "made up")


def fingerprint(work: UnitOfWork) -> dict[str, str]:
    """One hash for each table, in one statement."""
    names: list[str] = list(work.connection.execute(_TABLES).scalars())
    lines = "SELECT ({what})::text AS line FROM {name} t"
    each = f"SELECT '{{name}}', md5(coalesce(string_agg(line, '' ORDER BY line), '')) FROM ({lines}) x"  # noqa: S608 - names of the catalog
    parts = [each.format(name=name, what=_USES.get(name.replace('"', ""), "to_jsonb(t)")) for name in names]
    return {row[0]: row[1] for row in work.connection.exec_driver_sql(" UNION ALL ".join(parts))}


class Doors:
    """`keys` has one for each kind of caller."""

    def __init__(self, api: Api) -> None:
        self.api = api
        crm = api.crm
        api.people["manager"] = crm.user("Manager", role="manager")
        with crm.work() as work:
            api.people["nobody"] = type(api.people["ann"])(add_user(work, "Nobody", "nobody@example.com"))
        self.keys = {name: api.key(name) for name in ("max", "manager", "ann", "nobody")}
        self.keys["revoked"] = api.key("max")
        with crm.work() as work:
            revoke_key(work, self.keys["revoked"].split("_")[1])
        with clock.frozen(clock.now() - timedelta(days=2)):
            self.keys["expired"] = api.key("max", days=1)
        self.keys["made up"] = f"trl_00000000_{'a' * 43}"
        self.deal = api.deal("bob", name="Kanarienvogel")

    def fingerprint(self) -> dict[str, str]:
        with self.api.crm.work() as work:
            return fingerprint(work)


def api_routes(crm: Crm) -> Iterator[tuple[str, str, RouteAccess | None]]:
    """Every method and path of the API, as they are at run time."""
    app: Starlette = create_api(crm.workspace)
    for route in every_route(app.routes):
        for method in sorted(route.methods or ()):
            yield method, route.path, access_of(route)


def filled(path: str, deal: str) -> str:
    for name, value in (("object", "deal"), ("id", deal), ("pipeline", "sales"), ("field", "name")):
        path = path.replace(f"{{{name}}}", value)
    parts = ("0190a5c0" if part.startswith("{") else part for part in path.split("/"))
    return f"/api{'/'.join(parts)}"
