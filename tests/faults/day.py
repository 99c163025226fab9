"""A day of scripted trouble on one modem, in a world where time is free: every kind of trouble once, and nothing grows.

In a process of its own, where nothing else grows: `python -m tests.faults.day`. The day at random on two modems is in
tests/worker/test_day.py.
"""

import gc
import json
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from omsmodem.message import State
from tests.faults.books import Promise, compare
from tests.worker.world import World

HOUR_S = 3600.0
#: What goes wrong in each hour, by the simulator's words.
DAY = (
    {"do": "unplug", "for_s": 120},
    {"do": "hang", "for_s": 400},
    {"do": "lost"},
    {"do": "late", "by_s": 100},
    {"do": "reboot"},
    {"do": "network", "state": "searching", "for_s": 900},
    {"do": "refuse", "code": 38, "times": 2},
    {"do": "refuse", "code": 500, "times": 3},
    {"do": "refuse", "on": "taken", "code": 332},
    {"do": "noise", "octets": 500},
    {"do": "interleave", "count": 20, "line": "^RSSI:12"},
    {"do": "unplug", "on": "taken", "for_s": 30},
    {"do": "fill", "storage": "SM", "leave": 0},
    {"do": "bare_ok"},
    {"do": "garble", "octets": 60},
    {"do": "network", "state": "denied", "for_s": 600},
    {"do": "reports", "copies": 2, "delay_s": 90, "times": 5},
    {"do": "hang", "on": "command", "for_s": 60},
    {"do": "silence", "for_s": 200},
    {"do": "refuse", "code": 42, "times": 4},
    {"do": "split", "gap_s": 0.01},
    {"do": "split", "gap_s": 0},
    {"do": "unplug", "for_s": 2000},
    {"do": "reboot", "on": "taken"},
)


def live_through(home: Path) -> None:
    """One day with one modem: a message every five minutes, a phone's answer every hour, trouble every hour."""
    home.mkdir()
    world = World(home)
    try:
        world.modem()
        world.network.air_time_s, world.network.report_delay_s = 3.0, 2.0
        world.start()
        promises, answers = [], []
        for hour, trouble in enumerate(DAY):
            arguments = {name: value for name, value in trouble.items() if name != "do"}
            world.do(str(trouble["do"]), **arguments)
            for number in range(12):
                text = f"hour {hour}, message {number}" + " and the long rest of it" * (8 if number == 6 else 0)
                world.submit(text)
                promises.append(Promise("+447700900222", text))
                world.run(HOUR_S / 12)
            answers.append(f"answer of hour {hour}")
            world.do("send", **{"from": "+447700900333", "text": answers[-1]})
        world.run_until(lambda: not {State.QUEUED, State.SUBMITTING, State.UNCERTAIN} & set(world.ledger), 24 * HOUR_S)
        world.run(HOUR_S)
        taken = Counter(tpdu.hex().upper() for tpdu in world.network.submissions)
        verdict = compare(world.store.database.path, taken, promises)
        assert verdict.good, verdict
        assert not verdict.unsettled, verdict
        _phones_got(world, promises)
        kept = [one.text for one in world.store.inbox.messages() if one.originator == "+447700900333"]
        assert sorted(kept) == sorted(answers)
    finally:
        world.close()


def _phones_got(world: World, promises: list[Promise]) -> None:
    """Each phone's log holds what was accepted, and a second copy only of messages that admit one."""
    got = Counter(world.received)
    for promise in promises:
        copies = got.pop((promise.recipient, promise.text), 0)
        (message,) = (m for m in world.store.history.messages(limit=1000) if m.text == promise.text)
        assert message.state is not State.FAILED
        assert 1 <= copies <= 1 + message.repeats, (promise, copies, world.story(message.id))
    assert not got


class Held(NamedTuple):
    """What a process holds."""

    threads: int
    descriptors: int
    objects: int
    blocks: int  # of memory, of any size


def _held() -> Held:
    gc.collect()
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    return Held(threading.active_count(), descriptors, len(gc.get_objects()), sys.getallocatedblocks())


def main() -> None:
    """Two days one after the other: what the process held after the first and after the second, as JSON."""
    with tempfile.TemporaryDirectory() as home:
        live_through(Path(home) / "first")  # what is made once is made now
        before = _held()
        live_through(Path(home) / "second")
        print(json.dumps([before, _held()]))


if __name__ == "__main__":
    main()
