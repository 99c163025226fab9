"""From a submission to its AT+CMGS, one message at a time on an idle gateway, beside other gateways' own ways in.

Ours is the DeliverXms of an Outlook, from the first octet of the request on; theirs a file that appears in the outgoing
directory, or Kannel's `sendsms`. They wait rather than work, so they are measured at the same time.
"""

import ssl
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench import Row, at_most
from bench._load import MARK, connected, read_answer
from bench._office import office
from bench._peers import PEERS, Peer
from bench._sticks import Sticks, sticks
from bench.https import deliver_xms

NAME = "Latency: a submission → AT+CMGS on an idle gateway, no air time"
OURS, EAGER, DEFAULT = 200, 8, 3
PATIENCE_S = 90.0


def run() -> list[Row]:
    """Ours alone, then every peer at once: looking for work every second, and as its package has it."""
    waits = ours(OURS)
    rows = [
        Row("omsmodem, median", statistics.median(waits) * 1000, "ms", spread=_spread(waits)),
        at_most("omsmodem, p99", _p99(waits) * 1000, "ms", 10),
    ]
    cases = [(peer, True) for peer in PEERS] + [(peer, False) for peer in PEERS if peer.polls]
    with ThreadPoolExecutor(len(cases)) as pool:
        futures = [pool.submit(_case, *case, statistics.median(waits)) for case in cases]
    return rows + [row for future in futures for row in future.result()]


def _case(peer: Peer, eager: bool, median_s: float) -> list[Row]:
    how = "" if not peer.polls else ", looking every second" if eager else ", default"
    if peer.missing:
        return [Row(f"{peer.name}{how}", None, "", note=peer.missing)]
    waits = theirs(peer, eager, EAGER if eager else DEFAULT)
    median = statistics.median(waits)
    row = Row(f"{peer.name}{how}, median", median * 1000, "ms", median_s * 1000, median / median_s)
    return [replace(row, spread=_spread(waits), note=f"{len(waits)} messages")]


def ours(messages: int) -> list[float]:
    """Seconds from the request's first octet to AT+CMGS."""
    with sticks(0.0, 0.0) as found, office(modems=found.paths) as service:
        context = ssl.create_default_context(cafile=str(service.authority))
        connection = connected(("localhost", service.port), context)
        request = deliver_xms()

        def give(number: int) -> None:
            connection.sendall(request.replace(MARK, b"%08d" % number))

        _await_first(found, give)
        read_answer(connection)
        waits = []
        for number in range(1, messages + 1):
            waits.append(_wait(found, partial(give, number)))
            read_answer(connection)
            time.sleep(0.03)
        connection.close()
    return waits


def theirs(peer: Peer, eager: bool, messages: int) -> list[float]:
    """Seconds from giving a peer a text to AT+CMGS; at another moment of its pause each time."""
    directory = tempfile.TemporaryDirectory(prefix="omsmodem-bench-")
    with sticks(0.0, 0.0) as found, directory as home, peer.running(Path(home) / "peer", found.paths, eager) as accept:
        _await_first(found, lambda number: accept(f"text {number}"))
        waits = []
        for number in range(1, messages + 1):
            time.sleep(1.0 + 0.37 * number % 1.0)
            waits.append(_wait(found, partial(accept, f"text {number}")))
    return waits


def _await_first(found: Sticks, give: Callable[[int], None]) -> None:
    """The first message waits for the modem to be set up, and is not counted."""
    give(0)
    found.wait(1, PATIENCE_S)
    time.sleep(3.0)


def _wait(found: Sticks, give: Callable[[], None]) -> float:
    before, started = len(found.heard), time.monotonic()
    give()
    return found.wait(before + 1, PATIENCE_S)[-1].at - started


def _spread(waits: list[float]) -> tuple[float, float]:
    return min(waits) * 1000, max(waits) * 1000


def _p99(waits: list[float]) -> float:
    return sorted(waits)[len(waits) * 99 // 100]
