"""What of the air's time is used, beside a bare AT+CMGS loop and other gateways: 20 ms a command, 3 s a segment.

All of it only waits, so everybody is measured at the same time, each on modems of its own.
"""

import json
import subprocess
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from statistics import mean

from bench import Row, at_least, at_most
from bench._office import office, omsmodem
from bench._peers import PEERS, PHONE
from bench._sticks import Heard, sticks
from bench.worker import bare_loop
from omsmodem.sms import segment

NAME = "Air: segments × 3 s / the time they took (baseline: a bare AT+CMGS loop)"
AIR_S, COMMAND_S = 3.0, 0.02
SEGMENTS = 12  # for each modem
TEXTS = {1: "Text {n}: the lift is out of order.", 3: "Text {n}: " + "the lift is out of order until Friday. " * 11}


@dataclass(frozen=True, slots=True)
class Used:
    """How well a modem was used, and what it was told for each segment."""

    efficiency: float
    commands: float
    octets: float  # both ways, without those of delivery reports
    report: float  # octets of delivery reports


#: Gives so many texts to somebody who runs on these modems.
Contender = Callable[[Sequence[Path], Sequence[str]], AbstractContextManager[None]]


def run() -> list[Row]:
    """Everybody at once: texts of one and of three segments, on one and on four modems."""
    cases = list(product(TEXTS, (1, 4)))
    contenders: dict[str, Contender] = {"bare": _bare, "omsmodem": _ours}
    contenders |= {peer.name: partial(_peer, peer.name) for peer in PEERS if not peer.missing}
    with ThreadPoolExecutor(len(cases) * len(contenders)) as pool:
        running = {
            (name, case): pool.submit(measure, contender, *case)
            for name, contender in contenders.items()
            for case in cases
        }
    used: dict[tuple[int, int], dict[str, Used]] = defaultdict(dict)
    lost = [Row(peer.name, None, "", note=peer.missing) for peer in PEERS if peer.missing]
    for (name, case), future in running.items():
        try:
            used[case][name] = future.result()
        except (OSError, TimeoutError) as error:  # the others still have their rows
            lost.append(Row(f"{name}, {_words(case)}", None, "", note=str(error)))
    return [row for case in cases for row in _case(case, used[case])] + lost


def _words(case: tuple[int, int]) -> str:
    segments, modems = case
    return f"{segments} segment{'s' * (segments > 1)}, {modems} modem{'s' * (modems > 1)}"


def _case(case: tuple[int, int], used: dict[str, Used]) -> Iterator[Row]:
    where = _words(case)
    bare = used.pop("bare")
    ours = used.pop("omsmodem")
    yield at_least(f"omsmodem, {where}", ours.efficiency, "", 0.99, bare.efficiency)
    for name in used:
        yield Row(f"  {name}", used[name].efficiency, "", bare.efficiency, used[name].efficiency / bare.efficiency)
    yield at_most(f"AT commands a segment, {where}", ours.commands, "", 1.1)
    for name in used:
        yield Row(f"  {name}", used[name].commands, "", ours.commands, used[name].commands / ours.commands)
    yield Row(f"octets a segment, both ways, {where}", ours.octets, "", bare.octets, ours.octets / bare.octets)
    for name in used:
        yield Row(f"  {name}", used[name].octets, "", bare.octets, used[name].octets / bare.octets)
    yield Row(f"octets of its delivery report, {where}", ours.report, "", bare.report, ours.report / bare.report)
    for name in used:
        note = "" if used[name].report else "asks for none"
        yield Row(f"  {name}", used[name].report, "", bare.report, used[name].report / bare.report, note=note)


def measure(contender: Contender, segments: int, modems: int, air_s: float = AIR_S, each: int = SEGMENTS) -> Used:
    """Let somebody send what keeps so many modems busy for a while."""
    texts = [TEXTS[segments].format(n=f"{n:03}") for n in range(each * modems // segments)]
    total = len(texts) * segments
    with sticks(air_s, COMMAND_S, modems) as found, contender(found.paths, texts):
        heard = found.wait(total, 45 + 1.5 * total / modems * (air_s + 0.5))
    return usage(heard, air_s)


def usage(heard: Sequence[Heard], air_s: float = AIR_S) -> Used:
    """The mean of the modems, each from its first AT+CMGS to its last."""
    by_modem: dict[int, list[Heard]] = defaultdict(list)
    for one in heard:
        by_modem[one.modem].append(one)
    spans = [(times[0], times[-1], len(times) - 1) for times in by_modem.values() if len(times) > 1]
    return Used(
        mean(count * air_s / (last.at - first.at) for first, last, count in spans),
        mean((last.commands - first.commands) / count for first, last, count in spans),
        mean((_octets(last) - _octets(first)) / count for first, last, count in spans),
        mean((last.octets_of_reports - first.octets_of_reports) / count for first, last, count in spans),
    )


def _octets(heard: Heard) -> int:
    return heard.octets_to + heard.octets_from - heard.octets_of_reports


@contextmanager
def _bare(devices: Sequence[Path], texts: Sequence[str]) -> Iterator[None]:
    """A loop on each modem, with its share of the texts."""
    tpdus = [[tpdu for text in texts[n :: len(devices)] for tpdu in segment.cut(text, PHONE, 1)] for n in range(4)]
    loops = [threading.Thread(target=bare_loop, args=pair) for pair in zip(devices, tpdus, strict=False)]
    for loop in loops:
        loop.start()
    yield
    for loop in loops:
        loop.join(60)


@contextmanager
def _ours(devices: Sequence[Path], texts: Sequence[str]) -> Iterator[None]:
    with office(modems=devices) as service:
        give(service.home, texts)
        yield


def give(home: Path, texts: Sequence[str]) -> None:
    """Put texts into the queue of a service, by the command line."""
    lines = "\n".join(json.dumps({"to": f"+{PHONE}", "text": text}) for text in texts)
    command = omsmodem("send", "--config", home / "config.yaml", "--account", "dana", "--batch", "-")
    subprocess.run(command, input=lines, text=True, check=True, capture_output=True, timeout=600)


@contextmanager
def _peer(name: str, devices: Sequence[Path], texts: Sequence[str]) -> Iterator[None]:
    peer = next(each for each in PEERS if each.name == name)
    directory = tempfile.TemporaryDirectory(prefix="omsmodem-bench-")
    with directory as home, peer.running(Path(home) / "peer", devices, True) as accept:
        for text in texts:
            accept(text)
        yield
