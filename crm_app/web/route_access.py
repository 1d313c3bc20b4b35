"""Who may reach an HTTP address at all. What they may do there is the services' decision; but an address of which
nobody said who may reach it stops the server from starting.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, TypeVar

from starlette.routing import BaseRoute, Mount, Route

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
_MARK = "trellis_access"


class RouteAccess(Enum):
    """`PUBLIC` asks for nobody, `KEY` for a live API key, `SESSION` for the cookie of a live session, `OPERATOR` for
    the token of the installation, or to be on the same machine, `SIGNED` for a message signed with a webhook's secret.
    """

    PUBLIC = "public"
    KEY = "key"
    SESSION = "session"
    OPERATOR = "operator"
    SIGNED = "signed"


class UnclassifiedRoute(RuntimeError):
    """An address without a mark; the server must not start."""


def reached_by(access: RouteAccess, endpoint: Endpoint) -> Endpoint:
    """Marks what serves an address, where it is known to ask for that."""
    setattr(endpoint, _MARK, access)
    return endpoint


def access_of(route: Route) -> RouteAccess | None:
    return getattr(route.endpoint, _MARK, None)


def every_route(routes: Iterable[BaseRoute]) -> Iterator[Route]:
    for route in routes:
        if isinstance(route, Mount):
            yield from every_route(route.routes)
        elif isinstance(route, Route):
            yield route


def require_classified(routes: Iterable[BaseRoute]) -> None:
    open_to_doubt = sorted(route.path for route in every_route(routes) if access_of(route) is None)
    if open_to_doubt:
        raise UnclassifiedRoute(f"Nobody said who may reach {', '.join(open_to_doubt)}.")
