"""What a password must be, after NIST SP 800-63B-4: long, not one that many people use, nothing about its composition,
no expiry. Kept as Argon2id hashes, made anew at a log-in when the parameters have grown.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from crm_app.kernel.errors import Invalid, Problem
from crm_app.kernel.ids import new_secret

ONLY_FACTOR, WITH_SECOND_FACTOR, LONGEST = 15, 8, 256
PRODUCT = "trellis"
_MIN_WORD = 4
_COMMON = Path(__file__).with_name("common_passwords.txt")
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_REPEATED = re.compile(r"(.+?)\1+")
_LOOKALIKES = str.maketrans("4@301!5$7", "aaeolisst")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb")
_hasher = PasswordHasher()

SENTENCES = {
    "short": "At least {minimum} characters. A few words in a row are easy to remember.",
    "long": f"At most {LONGEST} characters.",
    "common": "Many people use this one, so it is guessed first. Choose something longer of your own.",
    "personal": "It is little more than your name, your address or the product's name. Choose something else.",
    "unprintable": "It holds a character that can't be typed.",
    "same": "That is the password you have. Choose another.",
}


def minimum_length(*, has_second_factor: bool) -> int:
    return WITH_SECOND_FACTOR if has_second_factor else ONLY_FACTOR


def normal(password: str) -> str:
    """The same text however a keyboard composes it (NFKC), as NIST advises before hashing."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, minimum: int, about: Iterable[str] = ()) -> str:
    """A key of `SENTENCES`, or nothing. `about` is what others know of the person."""
    text = normal(password)
    if not all(c.isprintable() or c == " " for c in text):
        return "unprintable"
    if len(text) < minimum:
        return "short"
    if len(text) > LONGEST:
        return "long"
    cores = _cores(text)
    personal = {word for each in (*about, PRODUCT) for word in _words_of(each)}
    if any(_without(core, personal) for core in cores):
        return "personal"
    common = _common()
    if any(core in common or len(core) < _MIN_WORD or _is_row(core) for core in cores):
        return "common"
    return ""


def require_good(password: str, minimum: int, about: Iterable[str] = (), path: str = "password") -> None:
    found = weakness(password, minimum, about)
    if found:
        text = SENTENCES[found].format(minimum=minimum)
        raise Invalid("The password was not taken.", [Problem(path, text)], weakness=found)


def hashed(password: str) -> str:
    return _hasher.hash(normal(password))


def is_right(password_hash: str, password: str) -> bool:
    """Takes as long for an account without a password, so that nobody learns which those are."""
    usable = len(password) <= LONGEST
    try:
        _hasher.verify(password_hash or _decoy_hash(), normal(password) if usable else "")
    except (VerifyMismatchError, InvalidHashError):
        return False
    return usable and bool(password_hash)


def is_outdated(password_hash: str) -> bool:
    return _hasher.check_needs_rehash(password_hash)


@cache
def _decoy_hash() -> str:
    return _hasher.hash(new_secret())


@cache
def _common() -> frozenset[str]:
    lines = _COMMON.read_text().splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def _cores(text: str) -> set[str]:
    """What is left of a decorated password: `Pa$$word123!` is `password`, `monkeymonkey` is `monkey`."""
    folded = text.casefold()
    spaceless = re.sub(r"[\s\-_.]+", "", folded)
    found = {folded, spaceless}
    for each in (folded, spaceless):
        for bare in (each, _EDGES.sub("", each)):
            for core in (bare, bare.translate(_LOOKALIKES)):
                found |= {core, _unit(core)}
    return found - {""} or {""}


def _unit(text: str) -> str:
    """`abcabcabc` → `abc`."""
    match = _REPEATED.fullmatch(text)
    return match[1] if match else text


def _is_row(core: str) -> bool:
    """Keys that lie in a row, either way."""
    return any(core in row or core in row[::-1] for row in _ROWS)


def _words_of(text: str) -> set[str]:
    folded = normal(text).casefold()
    return {word for word in (*re.split(r"[\W_]+", folded), re.sub(r"[\W_]+", "", folded)) if len(word) >= _MIN_WORD}


def _without(core: str, words: set[str]) -> bool:
    """Whether hardly anything is left when the words are taken out."""
    left = core
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return left != core and len(re.sub(r"[\W\d_]+", "", left)) < _MIN_WORD
