"""A sign-in service for tests: OpenID Connect over real HTTP on loopback, which holds its clients to PKCE."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from crm_app.kernel import clock

CLIENT, SECRET = "trellis", "s3cret & more"


class TestProvider:
    """`claims` are what it says of whoever signs in next; `asked` are the paths that were asked for."""

    __test__ = False

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", parameters={"kid": "1"})
        self.signing = self.key
        self.claims: dict[str, Any] = {"sub": "42", "email": "ann@example.com", "email_verified": True, "name": "Ann"}
        self.header: dict[str, Any] = {"alg": "ES256", "kid": "1"}
        self.document: dict[str, Any] = {}
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self.issuer = ""

    def sign_in(self, url: str) -> dict[str, str]:
        """What its page would do with the browser: what it brings back to us."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert query["code_challenge_method"] == "S256"
        code = f"code-{len(self._codes)}"
        self._codes[code] = query
        return {"code": code, "state": query["state"]}

    def place_of(self, path: str) -> str:
        """Where its pages would send a browser: whoever comes is let in at once, or let go."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if path.startswith("/authorization_endpoint?"):
            return f"{query['redirect_uri']}?{urlencode(self.sign_in(path))}"
        if path.startswith("/end?"):
            self.asked.append("/end")
            return query["post_logout_redirect_uri"]
        return ""

    def answer(self, method: str, path: str, headers: Any, body: str) -> dict[str, Any]:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            return {"issuer": self.issuer, **{n: f"{self.issuer}/{n}" for n in names}, **self.document}
        if path == "/jwks_uri":
            return {"keys": [self.key.as_dict(private=False)]}
        assert (method, path) == ("POST", "/token_endpoint")
        return self._token({name: values[0] for name, values in parse_qs(body).items()}, headers["authorization"])

    def _token(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        asked = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        is_right = (unquote(name), unquote(secret)) == (CLIENT, SECRET) and asked is not None
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if not is_right or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return {"error": "invalid_grant"}
        now = int(clock.now().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": asked["nonce"]}
        token = jwt.encode(self.header, claims | self.claims, self.signing, algorithms=["ES256", "HS256", "none"])
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}


@contextmanager
def running_provider() -> Iterator[TestProvider]:
    provider = TestProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = provider.place_of(self.path)
            if place:
                self.send_response(302)
                self.send_header("location", place)
                self.end_headers()
            else:
                self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            found = json.dumps(provider.answer(self.command, self.path, self.headers, body)).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
