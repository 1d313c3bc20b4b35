"""Addresses inside the product: what is safe to redirect to, and the links between pages."""

from uuid import UUID

from reflex.istate.data import ReflexURL

from crm_app.kernel.errors import TrellisError
from crm_app.kernel.ids import parse_id

HOME = "/"
LOGIN = "/login"
WELCOME = "/welcome"
FIRST = "/first"
LOGIN_CODE = "/login/code"
LOGIN_SET_UP = "/login/set-up"
ACCOUNT = "/account"
NOTIFICATIONS = "/notifications"
INBOX = "/inbox"
SETTINGS = "/settings/objects"
INDEXES = "/settings/indexes"
CONNECTIONS = "/settings/connections"
RATES = "/settings/exchange-rates"
DECISIONS = "/settings/decisions"
AUTOMATIONS = "/settings/automations"
AUDIT = "/settings/audit"
SPECIAL_ACCESS = "/settings/special-access"
KEYS = "/account/keys"
RUNS = "/settings/runs"
HEALTH = "/settings/health"
DRY_RUN = "/settings/runs/dry-run"
MOVES = "/settings/runs/move"
USERS = "/settings/users"
TEAMS = "/settings/teams"
TERRITORIES = "/settings/territories"
SIGN_IN = "/settings/sign-in"
# The pages for people who are not logged in.
OPEN_PAGES = frozenset({LOGIN, LOGIN_CODE, LOGIN_SET_UP, WELCOME, FIRST})
ROLES = "/settings/roles"


def safe_path(text: str) -> str:
    """A path of this origin, or home. `//host`, backslashes, control characters and schemes lead elsewhere."""
    is_path = text.startswith("/") and not text.startswith("//")
    is_plain = "\\" not in text and all(character.isprintable() for character in text)
    return text if is_path and is_plain and not text.startswith(LOGIN) else HOME


def person_path(user: UUID | str) -> str:
    return f"{USERS}/{user}"


def list_path(name: str) -> str:
    return f"/o/{name}"


def board_path(name: str) -> str:
    return f"/o/{name}/board"


def is_board(path: str) -> bool:
    return path_parts(path)[2:] == ["board"]


def is_record(path: str) -> bool:
    parts = path_parts(path)
    return len(parts) == 3 and parts[0] == "o" and parse_id(parts[2]) is not None  # noqa: PLR2004 - /o/object/record


def new_path(name: str) -> str:
    return f"/o/{name}/new"


def deleted_path(name: str) -> str:
    return f"/o/{name}/deleted"


def export_path(name: str) -> str:
    """No page: an address that answers with a CSV file."""
    return f"/exports/{name}.csv"


def file_path(file: UUID | str) -> str:
    """No page either: the content itself."""
    return f"/files/{file}"


def record_path(name: str, record: UUID | str) -> str:
    return f"/o/{name}/{record}"


def why_path(refusal: TrellisError) -> str:
    """Where somebody is told why they may not; empty where the refusal is about no record."""
    why = refusal.details.get("why")
    return f"{record_path(why['object'], why['id'])}?why={why['action']}" if why else ""


def run_path(run: UUID | str) -> str:
    return f"{RUNS}/{run}"


def runs_of_record_path(name: str, record: UUID | str) -> str:
    return f"{RUNS}?object={name}&record={record}"


def edit_path(name: str, record: UUID | str) -> str:
    return f"/o/{name}/{record}/edit"


def here(url: ReflexURL) -> str:
    """The address of a page as the browser shows it, without the origin."""
    return f"{url.path}?{url.query}" if url.query else str(url.path)


def path_parts(path: str) -> list[str]:
    """`/o/thing/42` → `["o", "thing", "42"]`."""
    return [part for part in path.split("/") if part]


def role_at(path: str) -> str:
    """The role whose page this is."""
    parts = path_parts(path)
    return parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - /settings/roles/name
