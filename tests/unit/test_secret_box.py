"""What is sealed opens for its own purpose and with its own keys only."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crm_app.kernel.settings import SecretKeys, Settings
from crm_app.storage.secret_box import CannotOpen, SecretBox, keep_first_key, new_key, put_key_in_front


def box(*keys: str) -> SecretBox:
    return SecretBox(SecretKeys(Path("/nowhere"), ",".join(keys)))


def test_a_sealed_secret_opens_and_shows_nothing_of_itself() -> None:
    own = box(new_key())
    sealed = own.seal("swordfish ünï", "totp:1")
    assert "swordfish" not in sealed
    assert sealed != own.seal("swordfish ünï", "totp:1")
    assert own.open(sealed, "totp:1") == "swordfish ünï"


def test_a_secret_opens_for_its_own_purpose_only() -> None:
    own = box(new_key())
    with pytest.raises(CannotOpen, match="damaged"):
        own.open(own.seal("swordfish", "totp:1"), "totp:2")


@pytest.mark.parametrize("broken", ["", "v1", "v1.x.y", "v2.a.b", "swordfish", "v1.\0.é"])
def test_what_was_never_sealed_is_refused(broken: str) -> None:
    with pytest.raises(CannotOpen):
        box(new_key()).open(broken, "totp:1")


def test_a_changed_letter_is_noticed() -> None:
    own = box(new_key())
    sealed = own.seal("swordfish", "totp:1")
    head, letter = sealed[:-6], sealed[-6]
    with pytest.raises(CannotOpen, match="damaged"):
        own.open(head + ("A" if letter != "A" else "B") + sealed[-5:], "totp:1")


def test_keys_are_rotated_by_putting_the_new_one_in_front() -> None:
    old, new = new_key(), new_key()
    sealed = box(old).seal("swordfish", "totp:1")
    both = box(new, old)
    assert both.open(sealed, "totp:1") == "swordfish"
    assert not both.is_current(sealed)
    assert both.is_current(both.seal("swordfish", "totp:1"))
    with pytest.raises(CannotOpen, match="not here any more"):
        box(new).open(sealed, "totp:1")


def test_a_key_is_made_once_for_all_processes_and_for_this_account_only(tmp_path: Path) -> None:
    keys = Settings.from_environment({"TRELLIS_DATA": str(tmp_path / "data")}).secret_keys
    boxes = [SecretBox(keys) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        sealed = list(threads.map(lambda each: each.seal("swordfish", "x"), boxes))
    assert {boxes[0].open(each, "x") for each in sealed} == {"swordfish"}
    assert keys.file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in keys.file.parent.iterdir()] == ["secret.keys"]


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    given = new_key()
    keys = Settings.from_environment({"TRELLIS_DATA": str(tmp_path), "TRELLIS_SECRET_KEYS": given}).secret_keys
    assert box(given).open(SecretBox(keys).seal("swordfish", "x"), "x") == "swordfish"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bad", ["short", "not base64 at all!", ","])
def test_a_bad_key_is_told(bad: str) -> None:
    with pytest.raises(CannotOpen):
        box(bad).seal("swordfish", "x")


def test_a_process_without_keys_is_a_bug_that_says_so() -> None:
    with pytest.raises(RuntimeError, match="without the keys"):
        SecretBox(None).seal("swordfish", "x")


def test_a_key_put_in_front_counts_at_once_in_every_process(tmp_path: Path) -> None:
    file = tmp_path / "secret.keys"
    web, worker = SecretBox(SecretKeys(file)), SecretBox(SecretKeys(file))
    old = web.seal("swordfish", "totp:1")
    assert worker.open(old, "totp:1") == "swordfish"
    put_key_in_front(file)
    assert (file.stat().st_mode & 0o777, len(file.read_text().splitlines())) == (0o600, 2)
    assert not web.is_current(old)
    new = web.seal("swordfish", "totp:1")
    assert worker.open(new, "totp:1") == web.open(old, "totp:1") == "swordfish"
    assert keep_first_key(file) == 1
    assert worker.open(new, "totp:1") == "swordfish"
    with pytest.raises(CannotOpen, match="not here any more"):
        web.open(old, "totp:1")
