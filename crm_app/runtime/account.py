"""PostgreSQL refuses to run as root; as root it gets an account that owns nothing else."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from crm_app.runtime.process import CannotStart

_CANDIDATES = ("postgres", "nobody")
_OTHERS_MAY_PASS = 0o001


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int


def unprivileged_account(data: Path) -> Account | None:
    """Who runs PostgreSQL: `None` means this user. A data directory that exists keeps its owner."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return _account(pwd.getpwuid(data.stat().st_uid))
    for name in _CANDIDATES:
        try:
            return _account(pwd.getpwnam(name))
        except KeyError:
            continue
    raise CannotStart(
        "PostgreSQL does not run as root and this machine has no account 'postgres' or 'nobody'. "
        "Run ./trellis as an ordinary user, or set DATABASE_URL to a server of your own."
    )


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def open_the_way(target: Path, account: Account) -> list[Path]:
    """Lets the account pass through the folders that lead to `target`; returns those that were closed."""
    opened: list[Path] = []
    for folder in reversed(target.resolve().parents):
        status = folder.stat()
        if status.st_uid == account.uid or status.st_mode & _OTHERS_MAY_PASS:
            continue
        folder.chmod(status.st_mode | _OTHERS_MAY_PASS)
        opened.append(folder)
    return opened


def own(folder: Path, account: Account) -> None:
    """Hands a folder that root restored or copied to the account, with everything in it."""
    if folder.stat().st_uid == account.uid:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
    folder.chmod(0o700)
