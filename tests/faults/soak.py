"""Seeded trouble in a world where time is free: `python -m tests.faults.soak [--messages N] [--seed S] [--modems N]`.

Thousands of messages out and in, faults at random moments on several modems; at the end every book is compared. Whatever does
not balance is printed with its seed and the life of the message, so that it can be run again. The messages are split into
worlds, each with a seed of its own; the result of a whole soak goes into docs/reliability.md.
"""

import argparse
import itertools
import logging
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from omsmodem import __version__
from omsmodem.message import State
from omsmodem.modem.simulator.sim import Sim
from omsmodem.policy.choice import Claim
from omsmodem.worker import Sending
from tests.faults.books import Promise, Verdict, compare, history
from tests.faults.pages import insert
from tests.worker.world import World

#: A soak of so many messages is the proof; a shorter one is a look.
WHOLE = 100_000
PHONES = tuple(f"+4477009002{n:02d}" for n in range(20))
HEALED = {State.QUEUED, State.SUBMITTING}
WORDS = [
    "fish",
    "crate",
    "gate",
    "bell",
    "tide",
    "door",
    "15:30",
    "€12",
    "pier",
    "🐟",
    "late",
    "rain",
    "é",
    "buoy",
    "quay",
    "ropes",
]

Trouble = Callable[[random.Random], dict[str, Any]]

_SENDING: tuple[Trouble, ...] = (
    lambda r: {"do": "lost", "on": r.choice(["taken", "submit"])},
    lambda r: {"do": "late", "by_s": r.uniform(5, 170)},
    lambda _: {"do": "bare_ok"},
    lambda r: {
        "do": "refuse",
        "on": "submit",
        "code": r.choice([38, 41, 42, 500, 512, 21, 50, 331]),
        "times": r.randint(1, 4),
    },
    lambda _: {"do": "refuse", "on": "taken", "code": 332},
    lambda r: {"do": "garble", "octets": r.randint(1, 200)},
    lambda r: {"do": "interleave", "count": r.randint(1, 5), "line": "^RSSI:12"},
    lambda r: {"do": "unplug", "on": r.choice(["taken", "submit", "command"]), "for_s": r.uniform(1, 90)},
    lambda r: {"do": "hang", "on": r.choice(["taken", "submit", "command"]), "for_s": r.uniform(5, 300)},
    lambda r: {"do": "reboot", "on": r.choice(["taken", "submit", "command"])},
)
_ANY_TIME: tuple[Trouble, ...] = (
    lambda r: {"do": "network", "state": r.choice(["searching", "denied"]), "for_s": r.uniform(5, 200)},
    lambda r: {"do": "noise", "octets": r.randint(1, 200)},
    lambda r: {"do": "reports", "copies": r.choice([0, 1, 2]), "delay_s": r.uniform(0, 60), "times": r.randint(1, 5)},
    lambda r: {"do": "hold", "for_s": r.uniform(1, 30)},
    lambda r: {"do": "silence", "for_s": r.uniform(1, 30)},
)


@dataclass(slots=True)
class Soak:
    """One run. Everything that happens follows from the seed."""

    home: Path
    seed: int
    messages: int
    modems: int = 2
    promises: list[Promise] = field(default_factory=list)
    sent_in: Counter[str] = field(default_factory=Counter)

    def run(self) -> tuple[Verdict, list[str]]:
        """Let it all happen, heal, and compare; what is wrong, in words."""
        random_ = random.Random(self.seed)
        world = World(self.home)
        try:
            names = [f"modem{n}" for n in range(self.modems)]
            world.share({name: Claim() for name in names}, failover_s=60.0)
            sending = Sending(
                evidence_window=timedelta(seconds=60), retry_ladder=(timedelta(seconds=10), timedelta(minutes=1))
            )
            for n, name in enumerate(names):
                sim = Sim(f"+44770090010{n}", f"23415987654321{n}", f"894411006512345678{n}")
                world.modem(name, sim=sim, sending=sending)
            world.network.air_time_s, world.network.report_delay_s = 3.0, 2.0
            world.start()
            self._trouble(world, random_, names)
            self._heal(world, names)
            taken = Counter(tpdu.hex().upper() for tpdu in world.network.submissions)
            verdict = compare(world.store.database.path, taken, self.promises)
            return verdict, self._wrong(world, verdict)
        finally:
            world.close()

    def _trouble(self, world: World, random_: random.Random, names: list[str]) -> None:
        for number in range(self.messages):
            to, text = random_.choice(PHONES), self._text(random_, number)
            world.submit(text, to)
            self.promises.append(Promise(to, text))
            if random_.random() < 0.3:
                self._arm(world, random_, random_.choice(_SENDING)(random_), random_.choice(names))
            if random_.random() < 0.1:
                self._arm(world, random_, random_.choice(_ANY_TIME)(random_), random_.choice(names))
            if random_.random() < 0.15:
                self._answer(world, random_, number, random_.choice(names))
            world.run(random_.expovariate(1 / 12))

    @staticmethod
    def _text(random_: random.Random, number: int) -> str:
        return f"{number} " + " ".join(random_.choice(WORDS) for _ in range(random_.choice([3, 3, 3, 40, 70])))

    @staticmethod
    def _arm(world: World, _random: random.Random, request: dict[str, Any], name: str) -> None:
        world.do(request.pop("do"), modem=name, **request)

    def _answer(self, world: World, random_: random.Random, number: int, name: str) -> None:
        text = f"in {number} " + " ".join(random_.choice(WORDS) for _ in range(random_.choice([2, 60])))
        self.sent_in[text] += 1
        request = {"from": random_.choice(PHONES), "text": text, "reference": number % 256, "modem": name}
        world.do("send", **request)

    def _heal(self, world: World, names: list[str]) -> None:
        """Let everything be well again, and wait until nothing is on its way."""
        world.do("disarm")
        world.run(400.0)  # until every trouble has run its time: one of the network may end in an earlier one
        for name in names:
            world.do("network", state="home", modem=name)
            if not world.desks[name].modem.plugged:
                world.do("plug", modem=name)
        world.run_until(lambda: not (HEALED & set(world.ledger)), 3 * 86400.0)
        world.run(3600.0)

    def _wrong(self, world: World, verdict: Verdict) -> list[str]:
        wrong = [*verdict.lost, *verdict.repeated, *verdict.unsettled]
        wrong += [verdict.unbalanced] if verdict.unbalanced else []
        kept = Counter(message.text for message in self._incoming(world))
        wrong += [
            f"a phone sent {n}, {kept[text]} kept: {text[:60]}" for text, n in self.sent_in.items() if kept[text] != n
        ]
        for line in wrong[:3]:
            digits = line.partition("#")[2].partition(" ")[0]
            if digits.isdigit():
                wrong += history(world.store.database.path, int(digits))
        return wrong

    @staticmethod
    def _incoming(world: World) -> list[Any]:
        found: list[Any] = []
        for _ in itertools.count():
            page = world.store.inbox.messages(before=found[-1].id if found else None, limit=500)
            if not page:
                return found
            found += page
        return found


@dataclass(frozen=True, slots=True)
class Batch:
    """One world of the soak: which, and how it went."""

    seed: int
    messages: int
    modems: int
    verdict: Verdict = field(default_factory=Verdict)
    answers: int = 0  # messages that came in
    wrong: tuple[str, ...] = ()


def soak(batch: Batch) -> Batch:
    """Run one batch, here or in a process of its own."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="omsmodem-soak-") as home:
        run = Soak(Path(home), batch.seed, batch.messages, batch.modems)
        verdict, wrong = run.run()
        return replace(batch, verdict=verdict, answers=run.sent_in.total(), wrong=tuple(wrong))


def main() -> int:
    """Run all batches, write the result into docs/reliability.md; exit code 1 when a book does not balance."""
    parser = argparse.ArgumentParser(description="Random trouble, seeded; every book is compared at the end.")
    parser.add_argument("--messages", type=int, default=WHOLE)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--modems", type=int, default=3)
    parser.add_argument("--batch", type=int, default=2_000, help="messages of one world")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    starts = range(0, options.messages, options.batch)
    batches = [
        Batch(options.seed + number, min(options.batch, options.messages - start), options.modems)
        for number, start in enumerate(starts)
    ]
    done: list[Batch] = []
    with ProcessPoolExecutor(options.processes) as pool:
        for batch in pool.map(soak, batches):
            done.append(batch)
            print(f"seed {batch.seed}: {_words(done)}", flush=True)
            if batch.wrong:
                again = f"--seed {batch.seed} --messages {batch.messages} --modems {batch.modems}"
                print(f"WRONG with {again}:", *batch.wrong, sep="\n  ", flush=True)
    if any(batch.wrong for batch in done):
        return 1
    print("nothing lost, nothing repeated silently, every book balanced")
    if options.messages >= WHOLE:
        seeds = f"seeds {batches[0].seed} to {batches[-1].seed}, {options.modems} modems"
        insert("soak", f"{datetime.now(UTC):%Y-%m-%d}, omsmodem {__version__}, {seeds}: {_words(done)}.")
    return 0


def _words(done: list[Batch]) -> str:
    """What became of all messages until now."""
    found = [batch.verdict for batch in done]
    lost, repeated = sum(len(one.lost) for one in found), sum(len(one.repeated) for one in found)
    return (
        f"{sum(one.promised for one in found):,} messages out, {sum(batch.answers for batch in done):,} in; "
        f"{lost} lost, {repeated} repeated silently, {sum(one.marked for one in found):,} sent again and marked, "
        f"{sum(one.uncertain for one in found)} held for a person"
    )


if __name__ == "__main__":
    sys.exit(main())
