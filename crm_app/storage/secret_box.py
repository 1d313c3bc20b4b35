"""Secrets that the product must be able to read again (a connection's password, a second factor's seed), sealed with
AES-256-GCM before they reach the database. The keys stay out of it: a copy of the database alone opens nothing.
"""

import base64
import binascii
import hashlib
import os
import secrets
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crm_app.kernel.errors import TrellisError
from crm_app.kernel.settings import SecretKeys

_VERSION = "v1"
_KEY_BYTES, _NONCE_BYTES, _NAME_LENGTH = 32, 12, 8
_FILE_MODE = 0o600


class CannotOpen(TrellisError):
    """A sealed secret whose key is missing, or that was changed or moved."""

    code, status = "secret_unreadable", 500


class _Key(NamedTuple):
    name: str
    cipher: AESGCM


class SecretBox:
    """Seals with the first key and opens with any, so that a new key is put in front and old ones go once nothing is
    sealed with them (`is_current`). Reads, or makes, its keys when they are first needed, and again when their file
    was changed: a key that was put in front counts at once, in every process.
    """

    def __init__(self, keys: SecretKeys | None) -> None:
        self._source = keys
        self._read: tuple[int, list[_Key]] = (-1, [])

    def seal(self, secret: str, purpose: str) -> str:
        """`purpose` says whose secret it is (`totp:<user id>`); it opens for no other."""
        key, nonce = self._keys[0], secrets.token_bytes(_NONCE_BYTES)
        sealed = key.cipher.encrypt(nonce, secret.encode(), purpose.encode())
        return ".".join((_VERSION, key.name, base64.urlsafe_b64encode(nonce + sealed).decode()))

    def open(self, sealed: str, purpose: str) -> str:
        version, _, rest = sealed.partition(".")
        name, _, body = rest.partition(".")
        key = next((key for key in self._keys if key.name == name), None)
        if version != _VERSION or key is None:
            raise CannotOpen("A stored secret can't be read: the key that it was sealed with is not here any more.")
        try:
            raw = base64.b64decode(body, altchars=b"-_", validate=True)
            return key.cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error):
            raise CannotOpen("A stored secret can't be read: it is damaged. Please enter it again.") from None

    def is_current(self, sealed: str) -> bool:
        """False for what should be sealed anew, because a newer key stands before its own."""
        return sealed.startswith(f"{_VERSION}.{self._keys[0].name}.")

    @property
    def _keys(self) -> list[_Key]:
        if self._source is None:
            raise RuntimeError("This process was started without the keys of stored secrets.")
        changed_at = _changed_at(self._source)
        if self._read[0] != changed_at or not self._read[1]:
            lines = (self._source.given or _kept(self._source.file)).replace(",", "\n").splitlines()
            keys = [_key(line.strip()) for line in lines if line.strip() and not line.startswith("#")]
            if not keys:
                raise CannotOpen(f"There is no key in {self._source.file}. Put the lost file back.")
            self._read = (_changed_at(self._source), keys)
        return self._read[1]


def put_key_in_front(file: Path) -> None:
    """A new key, before those that are there; those still open what they sealed."""
    _replace(file, f"{new_key()}\n{_kept(file)}")


def keep_first_key(file: Path) -> int:
    """How many older ones are gone. Whatever is sealed with one of them never opens again."""
    lines = [line for line in _kept(file).splitlines() if line.strip() and not line.startswith("#")]
    _replace(file, f"{lines[0]}\n")
    return len(lines) - 1


def new_key() -> str:
    """256 random bits, as they stand in the file or in `TRELLIS_SECRET_KEYS`."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def _key(text: str) -> _Key:
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise CannotOpen("A key of stored secrets is not 32 bytes in URL-safe Base64.")
    return _Key(hashlib.sha256(b"trellis key name" + raw).hexdigest()[:_NAME_LENGTH], AESGCM(raw))


def _kept(file: Path) -> str:
    """The file's text. Processes that need it first at the same moment end with the same key: only one can link it."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        making = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
        descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
        try:
            with os.fdopen(descriptor, "w") as output:
                output.write(new_key() + "\n")
                output.flush()
                os.fsync(output.fileno())
            os.link(making, file)
        except FileExistsError:
            pass
        finally:
            making.unlink()
    return file.read_text()


def _replace(file: Path, text: str) -> None:
    """Whole or not at all, for the same account only."""
    status, making = file.stat(), file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    with os.fdopen(descriptor, "w") as output:
        output.write(text)
        output.flush()
        os.fsync(output.fileno())
    if os.geteuid() == 0:
        os.chown(making, status.st_uid, status.st_gid)
    making.replace(file)


def _changed_at(keys: SecretKeys) -> int:
    """Nothing changes where the keys are given."""
    try:
        return 0 if keys.given else keys.file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
