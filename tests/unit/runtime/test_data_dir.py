import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from crm_app.runtime import process
from crm_app.runtime.data_dir import DataDir, Servers, claimed
from crm_app.runtime.process import CannotStart, Program

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - stands in for the library's own


def test_a_second_up_on_the_same_folder_is_told_where_the_first_answers(tmp_path: Path) -> None:
    with claimed(tmp_path) as data:
        data.write_pids({"web": 1})
        data.write_servers(Servers("postgresql://x", "127.0.0.1:1", 8750))
        with (
            pytest.raises(CannotStart, match=rf"process {os.getpid()}\).*http://localhost:8750\. Stop that one"),
            claimed(tmp_path),
        ):
            pass
        assert data.is_in_use
    assert not data.is_in_use
    assert data.pids() == {}


def test_the_addresses_are_for_this_account_only(tmp_path: Path) -> None:
    with claimed(tmp_path) as data:
        data.write_servers(Servers("postgresql://u:secret@h/d", "t", 1))
        assert data.servers_file.stat().st_mode & 0o077 == 0


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 3_000_000))
    with pytest.raises(CannotStart, match="3 MB left and Trellis needs 500 MB"), claimed(tmp_path):
        pass


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(CannotStart, match=r"cannot be written .* choose another --data"),
        claimed(tmp_path / "file" / "data"),
    ):
        pass


def test_children_of_a_killed_up_are_ended_and_strangers_are_left_alone(tmp_path: Path) -> None:
    ours = process.start(sleeper(tmp_path.resolve()), tmp_path)
    stranger = process.start(sleeper(Path("/elsewhere")), tmp_path)
    process.wait_until(lambda: "on" in ours.output() and "on" in stranger.output(), ours, "It", 5)
    DataDir(tmp_path.resolve()).write_pids({"worker": ours.pid, "web": stranger.pid, "temporal": 2**22 - 1})
    with claimed(tmp_path):
        assert ours.process.wait(5) < 0
        assert stranger.is_alive
    process.stop(stranger, 5)


def sleeper(data: Path) -> Program:
    environment = {"TRELLIS_DATA": str(data), "PATH": os.defpath}
    return Program("worker", ("/bin/sh", "-c", "echo on; sleep 60"), Path("/"), environment)
