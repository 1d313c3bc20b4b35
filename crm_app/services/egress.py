"""The one way out: every request that the product makes to another machine goes through `send`.

It resolves a name once, looks at every address, and connects to the one it looked at, so that no later answer of a name
server can point elsewhere. Nothing on this machine or its network is reached unless an administrator said so.
"""

import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urljoin, urlsplit

import httpx

from crm_app.kernel.errors import Invalid, TrellisError

MAX_BYTES = 1_000_000
MAX_SECONDS = 10.0
MAX_REDIRECTS = 3
MAX_URL = 2_000
USUAL_PORTS = {"http": 80, "https": 443}

_NAT64 = IPv6Network("64:ff9b::/96")
_SEE_OTHER = 303
_REDIRECTS = (301, 302, _SEE_OTHER, 307, 308)
Address = IPv4Address | IPv6Address


class EgressRefused(Invalid):
    """The address is none that the product may reach."""

    code = "egress_refused"


class EgressFailed(TrellisError):
    """The other side could not be reached, or did not answer in time. It may pass by itself."""

    code, status = "egress_failed", 502

    def __init__(self, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AnswerTooLarge(Invalid):
    code = "answer_too_large"


@dataclass(frozen=True)
class Outgoing:
    """`allows_private`: an administrator allowed addresses of this machine's own network, and any port, for it."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    allows_private: bool = False
    seconds: float = MAX_SECONDS
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True)
class Incoming:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Target:
    """Where a URL leads: `address` is the one that was looked at, and the one that is connected to."""

    scheme: str
    host: str
    port: int
    address: Address
    path: str

    @property
    def is_usual_port(self) -> bool:
        return USUAL_PORTS[self.scheme] == self.port

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.is_usual_port else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        host = f"[{self.address}]" if self.address.version == 6 else str(self.address)  # noqa: PLR2004 - IPv6
        return f"{self.scheme}://{host}:{self.port}{self.path}"


def send(outgoing: Outgoing) -> Incoming:
    """Follows redirects of what only reads, within one host. What isn't public, or is too large or slow, is refused."""
    deadline = time.monotonic() + outgoing.seconds
    url = outgoing.url
    first = target_of(url, allows_private=outgoing.allows_private)
    target = first
    for _ in range(MAX_REDIRECTS + 1):
        answer = _once(outgoing, target, deadline)
        where = answer.headers.get("location", "") if answer.status in _REDIRECTS else ""
        if not where or outgoing.method not in ("GET", "HEAD"):
            return answer
        url = urljoin(url, where)
        target = target_of(url, allows_private=outgoing.allows_private)
        if (target.scheme, target.host, target.port) != (first.scheme, first.host, first.port):
            raise EgressRefused(f"{first.host} sends the request on to {target.host}, and redirects stay on one host.")
    raise EgressRefused(f"{first.host} redirects more than {MAX_REDIRECTS} times.")


def target_of(url: str, *, allows_private: bool = False) -> Target:
    """Where a URL leads right now, or `EgressRefused`."""
    if len(url) > MAX_URL or any(ord(character) <= ord(" ") for character in url):
        raise EgressRefused(f"An address has at most {MAX_URL:,} characters and no spaces.")
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        raise EgressRefused("This is no address that can be reached.") from None
    if scheme not in USUAL_PORTS or not host:
        raise EgressRefused("Only addresses that begin with http:// or https:// can be reached.")
    if "@" in parts.netloc or "\\" in url:
        raise EgressRefused("An address carries no user name or password; a connection's headers do.")
    chosen = port or USUAL_PORTS[scheme]
    if chosen != USUAL_PORTS[scheme] and not allows_private:
        raise EgressRefused(f"Port {chosen} can't be reached: only {USUAL_PORTS[scheme]} can, for {scheme}.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme, host, chosen, safe_address(host, chosen, allows_private=allows_private), path)


def safe_address(host: str, port: int, *, allows_private: bool = False) -> Address:
    """One address of the host, where all that it has may be reached."""
    found = list(_addresses(host, port))
    if not all(may_be_reached(each, allows_private=allows_private) for each in found):
        raise EgressRefused(f"{host[:200]} is not a public address, so it can't be reached from here.")
    return found[0]


def may_be_reached(address: Address, *, allows_private: bool) -> bool:
    """Link-local ones, where clouds keep their secrets, never."""
    plain = _unwrapped(address)
    if plain.is_link_local or plain.is_multicast or plain.is_unspecified:
        return False
    if plain.is_loopback or plain.is_private:
        return allows_private
    return plain.is_global and not plain.is_reserved


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address.teredo is not None:
        inner = address.teredo[1]
    if inner is None and (address in _NAT64 or int(address) >> 32 == 0):
        inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        return address if inner == IPv4Address(1) else inner
    return inner or address


def _addresses(host: str, port: int) -> Iterator[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise EgressFailed(f"There is no {host[:200]}, or its name can't be looked up now.") from None
    for each in found:
        yield ip_address(str(each[4][0]).partition("%")[0])


def _once(outgoing: Outgoing, target: Target, deadline: float) -> Incoming:
    headers = {**outgoing.headers, "host": target.authority, "accept-encoding": "identity"}
    extensions = {"sni_hostname": target.host} if target.scheme == "https" else {}
    with httpx.Client(trust_env=False, follow_redirects=False, timeout=_left(deadline)) as client:
        request = client.build_request(
            outgoing.method, target.url, headers=headers, content=outgoing.body or None, extensions=extensions
        )
        try:
            answer = client.send(request, stream=True)
            try:
                body = _body(answer, outgoing.max_bytes, deadline)
            finally:
                answer.close()
        except httpx.TimeoutException:
            raise _too_slow(target) from None
        except httpx.HTTPError as error:
            raise EgressFailed(f"{target.host} could not be reached ({type(error).__name__}).") from None
    return Incoming(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, body)


def _body(answer: httpx.Response, max_bytes: int, deadline: float) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in answer.iter_raw():
        size += len(chunk)
        if size > max_bytes:
            raise AnswerTooLarge(f"The answer has more than {max_bytes:,} bytes.")
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("deadline")
        chunks.append(chunk)
    return b"".join(chunks)


def _left(deadline: float) -> float:
    return max(0.01, deadline - time.monotonic())


def _too_slow(target: Target) -> EgressFailed:
    return EgressFailed(f"{target.host} did not answer in time.")
