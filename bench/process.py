"""The process from outside: start, memory, and what it costs while nothing happens."""

import json
import resource
import subprocess
import time
from collections.abc import Callable

from bench import Row, at_most
from bench._office import Office, office, omsmodem
from bench._sticks import sticks

NAME = "The process: start, memory, idle"
IDLE_S = 60.0
MESSAGES = 10_000


def run() -> list[Row]:
    """Idle first, then after many messages."""
    with office():
        pass  # writes bytecode, as an installation does
    with sticks(0.0, 0.0) as found, office(modems=found.paths) as service:
        time.sleep(5.0)
        rows = [
            at_most("start to accepting", service.ready_s, "s", 1.0),
            at_most("memory, idle", service.resident_mb(), "MB", 60),
            *_idle(service, found.commands),
        ]
        before = _written_octets(service)
        _send(service, MESSAGES)
        each = (_written_octets(service) - before) / MESSAGES / 1024
        rows.append(at_most(f"memory after {MESSAGES:,} messages", service.resident_mb(), "MB", 60))
        rows.append(at_most("written to the disk, a message", each, "KiB", 128))
    return rows


def _written_octets(service: Office) -> int:
    """By the service and by the commands that were run until now."""
    return service.written_octets() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_oublock * 512


def _idle(service: Office, commands: Callable[[], int]) -> list[Row]:
    cpu_s, wake_ups, heard, started = service.cpu_s(), service.wake_ups(), commands(), time.perf_counter()
    time.sleep(IDLE_S)
    elapsed = time.perf_counter() - started
    return [
        at_most("processor time, idle", (service.cpu_s() - cpu_s) * 1000 * 60 / elapsed, "ms/min", 60),
        at_most("wake-ups, idle", (service.wake_ups() - wake_ups) / elapsed, "1/s", 1.0),
        at_most("AT commands, idle", (commands() - heard) * 60 / elapsed, "1/min", 2.0),
    ]


def _send(service: Office, messages: int) -> None:
    lines = "\n".join(json.dumps({"to": "+447700900222", "text": f"line {n}"}) for n in range(messages))
    command = omsmodem("send", "--config", service.home / "config.yaml", "--account", "dana", "--batch", "-")
    subprocess.run(command, input=lines, text=True, check=True, capture_output=True, timeout=600)
    deadline = time.monotonic() + 600
    status = omsmodem("status", "--config", service.home / "config.yaml", "--json")
    while time.monotonic() < deadline:
        facts = json.loads(subprocess.run(status, capture_output=True, text=True, check=False).stdout)
        if facts["ledger"]["queued"] + facts["ledger"]["submitting"] == 0:
            return
        time.sleep(1.0)
    raise TimeoutError("the queue did not drain")
