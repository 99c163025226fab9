"""Listening sockets: made here, or inherited from systemd (sd_listen_fds(3))."""

import os
import socket
from collections.abc import MutableMapping

_FIRST_DESCRIPTOR = 3
#: An answer of this size leaves without waiting for its reader, so slow readers hold no worker.
_SEND_OCTETS = 256 * 1024


def listen(host: str, port: int, backlog: int) -> socket.socket:
    """A listening socket; `::` takes IPv4 too, or only IPv4 where the machine has no IPv6. Raises OSError."""
    dual = host == "::" and socket.has_dualstack_ipv6()
    if host == "::" and not dual:
        host = "0.0.0.0"  # noqa: S104 - asked for by "::"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return prepared(socket.create_server((host, port), family=family, dualstack_ipv6=dual, backlog=backlog))


def prepared(listener: socket.socket) -> socket.socket:
    """The listener with what its connections inherit: no waiting for a client's delayed acknowledgement."""
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_OCTETS)
    return listener


def inherited(environ: MutableMapping[str, str] | None = None) -> dict[str, socket.socket]:
    """The stream sockets that systemd opened for this process, by FileDescriptorName; the first is `https` if it has none.

    Takes LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES out of the environment, so that no child and no library believes them.
    """
    environment = os.environ if environ is None else environ
    pid, count, names = (environment.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"))
    if pid != str(os.getpid()) or not count.isdecimal():
        return {}
    named = names.split(":")
    found: dict[str, socket.socket] = {}
    for number in range(int(count)):
        name = named[number] if number < len(named) else ""
        descriptor = _FIRST_DESCRIPTOR + number
        os.set_inheritable(descriptor, False)
        listener = socket.socket(fileno=descriptor)  # family and kind are asked of the descriptor
        if name not in ("https", "legacy"):
            name = "https"
        found.setdefault(name, prepared(listener))
    return found
