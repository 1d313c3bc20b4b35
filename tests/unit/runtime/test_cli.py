import errno
import subprocess
import sys

import pytest
from click.testing import CliRunner

from crm_app.runtime.cli import main, trellis
from crm_app.runtime.data_dir import CHECKOUT


def test_help_names_every_command_without_importing_any() -> None:
    script = (
        "import sys; from click.testing import CliRunner; from crm_app.runtime.cli import trellis\n"
        "print(CliRunner().invoke(trellis, ['--help']).output)\n"
        "print('heavy', [name for name in ('rich', 'temporalio', 'psycopg', 'sqlalchemy') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    for name in ("up", "doctor", "test", "worker"):
        assert f"\n  {name} " in said.stdout
    assert "heavy []" in said.stdout


def test_an_unknown_command_is_refused() -> None:
    result = CliRunner().invoke(trellis, ["upp"])
    assert result.exit_code == 2
    assert "No such command 'upp'" in result.output


def test_a_disk_that_refuses_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/data/postgres.password")

    monkeypatch.setattr(trellis, "main", refuse)
    with pytest.raises(SystemExit, match="1"):
        main()
    assert "/data/postgres.password cannot be written: No space left on device. Free" in capsys.readouterr().err
