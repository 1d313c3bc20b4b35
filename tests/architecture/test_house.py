"""The house rules that no linter knows."""

import ast
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = [ROOT / "crm_app", ROOT / "workflows"]
MAX_LINES = 250
# Longer files, each with the reason why it is still one. The list may only shrink.
LONGER = {
    "crm_app/storage/migrations/versions/0001_system_tables.py": "a migration is one act",
    "crm_app/storage/records.py": "the whole vocabulary of reading and writing records, one short method each",
}
VAGUE = {"utils", "helpers", "manager", "base", "common", "misc"}
# Who begins a transaction of the product's own instead of a unit of work, which knows its actor; none reads a record.
OWN_TRANSACTIONS = {
    "account_links", "files", "first_run", "index_keeper", "key_uses", "log_in", "modes", "oidc", "own_password",
    "own_second_factor", "prepare", "proving", "second_step", "session_uses", "signals", "slow_lists", "workspace",
}  # fmt: skip
OPENERS = {"transaction", "connected", "upkeep", "owned", "opened_to_records", "without_transactions", "open_engine"}
# What reads records in a connection of its own: the door, and the upkeep of the tables' shape.
OPENS_RECORDS = {"numbering", "workspace", "prepare", "index_keeper", "conversions", "engine", "unique_indexes"}
ENGINE_MAKERS = {"create_engine", "create_async_engine", "Session", "sessionmaker"}


def modules() -> Iterator[Path]:
    for folder in PRODUCT:
        yield from folder.rglob("*.py")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_files_stay_small_enough_to_read() -> None:
    long = {name_of(path) for path in modules() if len(path.read_text().splitlines()) > MAX_LINES}
    assert long <= set(LONGER), f"over {MAX_LINES} lines: {sorted(long - set(LONGER))}"
    assert set(LONGER) <= long, f"short again, take it off the list: {sorted(set(LONGER) - long)}"


def test_names_say_what_is_inside() -> None:
    assert [name_of(path) for path in modules() if path.stem in VAGUE] == []


def test_packages_are_empty() -> None:
    assert [name_of(p) for p in modules() if p.name == "__init__.py" and p.read_text().strip()] == []


def test_only_the_engine_opens_connections() -> None:
    found = [
        name_of(path)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ENGINE_MAKERS
    ]
    assert found == ["crm_app/storage/engine.py"]


def calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_only_the_door_and_named_housekeeping_begin_transactions() -> None:
    """A new place that opens the database by itself fails here until somebody says why it needs no actor."""
    found = {
        name_of(path)
        for path in modules()
        for call in calls(path)
        if call.rpartition(".")[2] in OPENERS or call.endswith(("engine.connect", "engine.begin"))
    }
    services = {f"crm_app/services/{name}.py" for name in OWN_TRANSACTIONS}
    services |= {"crm_app/web/metrics.py", "workflows/heartbeat.py"}  # `owned`: figures of health
    services |= {"crm_app/ui/login_page.py"}  # `owned`: the ways to log in, before anybody is
    outside = {name for name in found if not name.startswith("crm_app/storage/")}
    assert outside - services == set()


def test_only_the_door_and_the_upkeep_of_tables_open_the_way_to_records() -> None:
    openers = {"opened_to_records", "upkeep"}
    found = {path.stem for path in modules() for call in calls(path) if call.rpartition(".")[2] in openers}
    assert found <= OPENS_RECORDS, found - OPENS_RECORDS


def test_time_ids_and_randomness_have_one_home() -> None:
    homes = {"crm_app/kernel/clock.py", "crm_app/kernel/ids.py"}
    banned = {"datetime.now", "datetime.utcnow", "date.today", "uuid4", "uuid.uuid4", "uuid7"}
    found = [
        f"{name_of(path)}: {ast.unparse(node.func)}"
        for path in modules()
        if name_of(path) not in homes
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in banned
    ]
    assert found == []


def test_no_import_hides_inside_a_function() -> None:
    found = [
        f"{name_of(path)}: {ast.unparse(inner)}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]
    # The command line loads only the command that was asked for; the sandbox of the workflow names what passes through.
    allowed = ("crm_app/runtime/", "workflows/")
    assert [line for line in found if not line.startswith(allowed)] == []


@pytest.mark.parametrize("folder", ["crm_app/ui", "crm_app/api", "crm_app/services", "crm_app/storage", "workflows"])
def test_machinery_names_no_customers_object(folder: str) -> None:
    """Nothing outside `schemas/` knows what a deal is."""
    objects = {path.stem for path in (ROOT / "schemas/packages/sales/objects").glob("*.json")}
    found = [
        f"{name_of(path)}:{node.lineno} {node.value!r}"
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in objects
    ]
    assert objects
    assert found == []


def test_the_two_casbins_are_not_installed_over_each_other() -> None:
    names = {(found.metadata["Name"] or "").lower() for found in distributions()}
    assert "pycasbin" in names
    assert "casbin" not in names


def test_locks_name_no_download_address() -> None:
    locks = [path for pattern in ("*.lock", "reflex.lock/*") for path in ROOT.glob(pattern) if path.is_file()]
    assert locks
    for lock in locks:
        assert "https://" not in lock.read_text(), lock.name
