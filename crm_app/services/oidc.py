"""Signing in with another service: OpenID Connect's code flow with state, nonce and PKCE. What the service says is
believed only where it is signed, meant for us, fresh, and about an address that it has verified.
"""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, urlencode

from authlib.common import urls
from authlib.oauth2 import rfc7636
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid, NotFound, TrellisError
from crm_app.kernel.ids import new_secret
from crm_app.services.egress import Outgoing, send
from crm_app.services.log_in import Entry, Person, enter
from crm_app.services.oidc_connection import connect
from crm_app.services.oidc_people import Claims, person_of
from crm_app.services.oidc_settings import Provider, client_secret, provider
from crm_app.services.session_holds import OTHER_SERVICE_ASKED
from crm_app.services.sessions import Visitor
from crm_app.services.workspace import Workspace
from crm_app.storage.engine import transaction
from crm_app.storage.secret_box import CannotOpen

FLOW_SECONDS = 600
SKEW_SECONDS = 60
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
_PURPOSE, _HELD = "oidc flow", "oidc held"
_OK = 200
_challenge: Any = cast("Any", rfc7636).create_s256_code_challenge  # the library has no types
_with_query: Any = cast("Any", urls).add_params_to_uri


class SignInRefused(Invalid):
    code = "sign_in_refused"


@dataclass(frozen=True)
class Departure:
    """Where the browser goes, and what it brings back in a cookie that only we can read."""

    url: str
    flow: str


@dataclass(frozen=True)
class Arrival:
    """`entry` is a new session; there is none where somebody connected their account. `held` is what logging out there
    will need, sealed.
    """

    entry: Entry | None
    wanted: str
    held: str


def depart(workspace: Workspace, callback: str, wanted: str, connects: str = "") -> Departure:
    """`connects` is the session that connects its account, where that is what somebody goes for."""
    found = _provider(workspace)
    state, nonce, verifier = new_secret(), new_secret(), new_secret()
    until = int(clock.now().timestamp()) + FLOW_SECONDS
    flow = {"state": state, "nonce": nonce, "verifier": verifier, "next": wanted, "until": until, "connects": connects}
    query = {
        "response_type": "code",
        "client_id": found.client_id,
        "redirect_uri": callback,
        "scope": "openid email profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    url = _with_query(_address(_described(found), "authorization_endpoint"), list(query.items()))
    return Departure(url, workspace.tools.secrets.seal(json.dumps(flow), _PURPOSE))


def arrive(
    workspace: Workspace, callback: str, sealed_flow: str, query: Mapping[str, str], visitor: Visitor, secret: str = ""
) -> Arrival:
    """`secret` is that of the session that the browser has already."""
    flow = _flow(workspace, sealed_flow)
    if not hmac.compare_digest(str(flow["state"]).encode(), query.get("state", "").encode()):
        raise SignInRefused("This sign-in was not begun in this browser. Please try again.")
    if "code" not in query:
        raise SignInRefused("The sign-in service did not let you in.")
    found = _provider(workspace)
    described = _described(found)
    tokens = _exchange(workspace, found, described, callback, query["code"], str(flow["verifier"]))
    claims = _claims(found, described, tokens, str(flow["nonce"]))
    held = workspace.tools.secrets.seal(str(tokens["id_token"]), _HELD)
    if flow["connects"]:
        connect(workspace, found, claims, str(flow["connects"]), secret)
        return Arrival(None, str(flow["next"]), held)
    user, name = person_of(workspace, found, claims)
    method = OTHER_SERVICE_ASKED if claims.has_second_factor else "oidc"
    with transaction(workspace.engine) as connection:
        entry = enter(workspace, connection, Person(user, name, "", is_active=True), visitor, method)
    return Arrival(entry, str(flow["next"]), held)


def farewell(workspace: Workspace, held: str, back: str) -> str:
    """Where a browser that came by the service logs out there, too (RP-initiated logout); nothing where it offers none,
    can't be asked, or should not be.
    """
    try:
        token, found = workspace.tools.secrets.open(held, _HELD), _provider(workspace)
        if not found.ends_there:
            return ""
        address = _address(_described(found), "end_session_endpoint")
    except TrellisError:
        return ""
    query = {"id_token_hint": token, "client_id": found.client_id, "post_logout_redirect_uri": back}
    return str(_with_query(address, list(query.items())))


def _provider(workspace: Workspace) -> Provider:
    with transaction(workspace.engine) as connection:
        found = provider(connection)
    if found is None:
        raise NotFound("There is no other sign-in service.")
    return found


def _flow(workspace: Workspace, sealed: str) -> Mapping[str, Any]:
    try:
        flow = cast("dict[str, Any]", json.loads(workspace.tools.secrets.open(sealed, _PURPOSE)))
    except CannotOpen:
        flow = {"until": 0}
    if flow["until"] < clock.now().timestamp():
        raise SignInRefused("This sign-in took too long, or was not begun in this browser. Please try again.")
    return flow


def _described(found: Provider) -> Mapping[str, Any]:
    """What the issuer says of itself; under another issuer's name it is not believed."""
    document = _asked(found, Outgoing("GET", f"{found.issuer.rstrip('/')}/.well-known/openid-configuration"))
    if document.get("issuer") != found.issuer:
        raise SignInRefused("The sign-in service calls itself by another name than the one that is set here.")
    return document


def _address(document: Mapping[str, Any], name: str) -> str:
    address = document.get(name)
    if not isinstance(address, str):
        raise SignInRefused(f"The sign-in service does not say its {name.replace('_', ' ')}.")
    if str(document["issuer"]).startswith("https:") and not address.startswith("https:"):
        raise SignInRefused(f"The {name.replace('_', ' ')} of the sign-in service is not safe.")
    return address


def _exchange(
    workspace: Workspace, found: Provider, described: Mapping[str, Any], callback: str, code: str, verifier: str
) -> Mapping[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback,
        "client_id": found.client_id,
        "code_verifier": verifier,
    }
    pair = f"{quote(found.client_id, safe='')}:{quote(client_secret(workspace.tools.secrets, found), safe='')}"
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "authorization": f"Basic {b64encode(pair.encode()).decode()}",
    }
    url = _address(described, "token_endpoint")
    return _asked(found, Outgoing("POST", url, headers, urlencode(form).encode()))


def _asked(found: Provider, outgoing: Outgoing) -> Mapping[str, Any]:
    answer = send(
        Outgoing(outgoing.method, outgoing.url, outgoing.headers, outgoing.body, allows_private=found.is_private)
    )
    try:
        document = json.loads(answer.body) if answer.status == _OK else None
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise SignInRefused("The sign-in service did not answer as it should. Please try again.")
    return cast("dict[str, Any]", document)


def _claims(found: Provider, described: Mapping[str, Any], tokens: Mapping[str, Any], nonce: str) -> Claims:
    keys = _asked(found, Outgoing("GET", _address(described, "jwks_uri")))
    registry = jwt.JWTClaimsRegistry(
        now=int(clock.now().timestamp()),
        leeway=SKEW_SECONDS,
        iss={"essential": True, "value": found.issuer},
        aud={"essential": True, "value": found.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        key_set = KeySet.import_key_set(cast("Any", keys))
        token = jwt.decode(str(tokens.get("id_token", "")), key_set, algorithms=_ALGORITHMS)
        registry.validate(token.claims)
    except (JoseError, ValueError, KeyError, TypeError):
        raise SignInRefused("What the sign-in service said can't be believed. Please try again.") from None
    said = token.claims
    if isinstance(said.get("aud"), list) and said.get("azp") != found.client_id:
        raise SignInRefused("What the sign-in service said is meant for somebody else.")
    groups: Any = said.get(found.group_claim, []) if found.group_claim else []
    return Claims(
        subject=str(said["sub"]),
        email=str(said.get("email", "")).strip().lower(),
        is_verified=said.get("email_verified") is True,
        name=str(said.get("name", "")).strip(),
        has_second_factor=_is_multi_factor(said.get("amr")),
        groups=frozenset(map(str, cast("list[object]", groups))) if type(groups) is list else frozenset(),
    )


def _is_multi_factor(methods: object) -> bool:
    """What RFC 8176 has a service say that asked for more than one factor itself."""
    return isinstance(methods, list) and "mfa" in cast("list[object]", methods)
