"""What is collected here depends on the machine: the real CRM files stay outside the project."""

from pathlib import Path

REAL_FILES = Path(__file__).resolve().parents[3] / "shared" / "data" / "maven-crm"

collect_ignore = [] if REAL_FILES.is_dir() else ["test_import_real.py"]


def pytest_report_header() -> str:
    where = "with" if REAL_FILES.is_dir() else "without (made-up files of the same shape are used)"
    return f"real CRM files: {where}"
