"""Ports on the loopback address, the only one that Trellis listens on."""

import random
import socket

LOOPBACK = "127.0.0.1"
# Below the ports that Linux (from 32768) and macOS (from 49152) hand to outgoing connections: one of those
# would take a port between the moment it is chosen here and the moment its server listens.
_CHOSEN_FROM = range(20_000, 32_000)


def free_port() -> int:
    """A port nobody listens on now; another server may still take it before ours does."""
    choose = random.SystemRandom().choice
    while not is_free(port := choose(_CHOSEN_FROM)):
        pass
    return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def is_answered(port: int) -> bool:
    """Somebody listens there; unlike `is_free`, asking takes the port from nobody."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
