"""What is collected here depends on the machine: the real CRM files and other rule languages' cases stay outside."""

from pathlib import Path

REAL_FILES = Path(__file__).resolve().parents[3] / "shared" / "data" / "maven-crm"

CASES = REAL_FILES.parents[1] / "conformance"

collect_ignore = [
    *([] if REAL_FILES.is_dir() else ["test_import_real.py"]),
    *([] if CASES.is_dir() else ["test_conformance.py"]),
]


def pytest_report_header() -> str:
    where = "with" if REAL_FILES.is_dir() else "without (made-up files of the same shape are used)"
    return f"real CRM files: {where}"
