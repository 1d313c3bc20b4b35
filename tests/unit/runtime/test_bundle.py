from pathlib import Path

import pytest

from crm_app.runtime import bundle


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("crm_app/ui/page.py", "crm_app/crm_app.py", "rxconfig.py", "requirements.lock"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    (tmp_path / ".web/build/client").mkdir(parents=True)
    (tmp_path / ".web/trellis.stamp").write_text(bundle.sources_fingerprint(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ["crm_app/ui/page.py", "crm_app/ui/new.py", "rxconfig.py", "requirements.lock"])
def test_pages_are_built_again_when_what_they_are_made_of_changes(checkout: Path, name: str) -> None:
    assert bundle.is_current(checkout)
    (checkout / name).write_text("2")
    assert not bundle.is_current(checkout)


def test_pages_are_not_built_again_for_anything_else(checkout: Path) -> None:
    (checkout / "crm_app/services.py").write_text("2")
    (checkout / "crm_app/ui/__pycache__").mkdir()
    (checkout / "crm_app/ui/__pycache__/page.pyc").write_text("2")
    assert bundle.is_current(checkout)


def test_pages_that_were_removed_are_built_again(checkout: Path) -> None:
    (checkout / ".web/build/client").rmdir()
    assert not bundle.is_current(checkout)
