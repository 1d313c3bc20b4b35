import os
from pathlib import Path

import pytest

from crm_app.runtime import account
from crm_app.runtime.account import Account, open_the_way, own, unprivileged_account
from crm_app.runtime.process import CannotStart

STRANGER = Account("stranger", 64001, 64001)
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand files to another account")


def test_an_ordinary_user_runs_postgresql_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert unprivileged_account(tmp_path) is None


def test_root_without_another_account_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "_CANDIDATES", ("no-such-account",))
    with pytest.raises(CannotStart, match=r"Run \./trellis as an ordinary user"):
        unprivileged_account(tmp_path / "new")


def test_only_closed_folders_on_the_way_are_opened_and_only_for_passing(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert closed in open_the_way(closed / "data", STRANGER)
    assert closed.stat().st_mode & 0o777 == 0o701
    assert open_the_way(closed / "data", STRANGER) == []


@AS_ROOT
def test_files_that_root_restored_are_handed_over(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "1").write_text("")
    own(tmp_path, STRANGER)
    assert (tmp_path / "base" / "1").stat().st_uid == STRANGER.uid
    assert tmp_path.stat().st_mode & 0o777 == 0o700
