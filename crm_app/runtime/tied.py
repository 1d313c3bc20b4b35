"""Becomes another program whose life is tied to its parent's. Run as a script, before any library is loaded.

`python -I -S tied.py PARENT SIGNAL UID GID COMMAND…`: on Linux the kernel sends SIGNAL when PARENT dies, even
by `kill -9`. The request must follow the change of account, which would cancel it, so both happen here.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1
_THIS_USER = -1


def main(arguments: list[str]) -> None:
    parent, signal_number, uid, gid = map(int, arguments[:4])
    if uid != _THIS_USER:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)
    command = arguments[4:]
    os.execvp(command[0], command)  # noqa: S606 - becoming the command, without a shell, is this script's purpose


if __name__ == "__main__":
    main(sys.argv[1:])
