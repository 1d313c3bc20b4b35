"""What a password must be, after NIST SP 800-63B-4, and how it is kept."""

import unicodedata

import pytest
from argon2 import PasswordHasher

from crm_app.services import passwords
from crm_app.services.passwords import LONGEST, ONLY_FACTOR, WITH_SECOND_FACTOR, hashed, is_outdated, is_right, weakness

_products_own = passwords._hasher
ABOUT = ("Ann Seymour", "ann.seymour@example.com")


@pytest.fixture(autouse=True)
def _real_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", _products_own)


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("fourteen chars", "short"),
        ("fifteen letters", ""),
        ("    quiet    teapot    ", ""),
        ("x1" * 128, "common"),
        ("many different words " * 12, ""),
        ("many different words " * 13, "long"),
        ("teapot\tgreen quiet", "unprintable"),
        ("teapot\0green quiet", "unprintable"),
        ("Grüner Teekessel ☕ leise", ""),
        ("静かな緑の急須が台所で歌っている", ""),
        ("password12345678", "common"),
        ("Pa$$w0rd!!!!!!!!!!", "common"),
        ("monkey-monkey-monkey", "common"),
        ("abcabcabcabcabcabc", "common"),
        ("qwertyuiopasdfgh", "common"),
        ("987654321098765", "common"),
        ("Ann.Seymour.2026!", "personal"),
        ("trellistrellis2026", "personal"),
        ("ann.seymour@example.com", "personal"),
        ("seymour likes long walks", ""),
    ],
)
def test_length_and_what_others_would_guess_count_and_nothing_else(password: str, found: str) -> None:
    assert weakness(password, ONLY_FACTOR, ABOUT) == found


def test_a_second_factor_lets_it_be_shorter_and_never_shorter_than_eight() -> None:
    assert passwords.minimum_length(has_second_factor=True) == WITH_SECOND_FACTOR == 8
    assert weakness("tea pots", WITH_SECOND_FACTOR) == ""
    assert weakness("teapots", WITH_SECOND_FACTOR) == "short"
    assert weakness("password", WITH_SECOND_FACTOR) == "common"


def test_a_letter_counts_once_however_it_is_composed() -> None:
    """Fifteen characters as they are seen; decomposed they would be thirty."""
    assert weakness(unicodedata.normalize("NFD", "üäöüäöüäöüäöüä"), ONLY_FACTOR) == "short"


def test_the_same_text_composed_otherwise_is_the_same_password() -> None:
    kept = hashed("Grüner Teekessel")
    for same in (unicodedata.normalize("NFD", "Grüner Teekessel"), "Grüner Teekessel"):
        assert is_right(kept, same)
    for other in ("grüner Teekessel", "Grüner Teekessel ", " Grüner Teekessel"):
        assert not is_right(kept, other)


def test_nothing_is_cut_off() -> None:
    long = "many different words " * 12
    kept = hashed(long)
    assert is_right(kept, long)
    assert not is_right(kept, long[:-1])
    assert not is_right(kept, long + "x" * LONGEST)


def test_an_account_without_a_password_is_opened_by_none() -> None:
    for guess in ("", "x", "a quiet green teapot"):
        assert not is_right("", guess)


def test_a_guess_costs_what_owasp_asks_of_argon2id() -> None:
    """https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html"""
    _, kind, _, parameters, *_ = hashed("a quiet green teapot").split("$")
    cost = {name: int(number) for name, _, number in (each.partition("=") for each in parameters.split(","))}
    assert kind == "argon2id"
    assert cost["m"] >= 19 * 1024
    assert cost["t"] >= 2


def test_a_hash_is_argon2id_and_made_anew_when_its_parameters_have_grown() -> None:
    assert hashed("a quiet green teapot").startswith("$argon2id$")
    assert not is_outdated(hashed("a quiet green teapot"))
    older = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("a quiet green teapot")
    assert is_outdated(older)
    assert is_right(older, "a quiet green teapot")
