"""A modem on a real PTY and a real TCP port: it answers, vanishes, comes back, and minds no host that does not read."""

import contextlib
import fcntl
import os
import select
import socket
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import GENERIC
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.modem.simulator.replay import Replay, Spoken
from omsmodem.modem.simulator.shell import PtyShell
from omsmodem.modem.simulator.simulation import Simulation
from omsmodem.sms import segment

TIOCGEXCL = 0x80045440  # Linux tells whether a terminal is exclusive
QUICK = replace(GENERIC, boot_s=0.1, sms_ready_s=0.0)


def now() -> datetime:
    return datetime.now(UTC)


def wait_until(what: Callable[[], Any], seconds: float = 20.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := what()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return value


def read_until(line: int, end: bytes, seconds: float = 20.0) -> bytes:
    """What is said up to `end`, or what there is at the deadline or the line's end."""
    said, deadline = b"", time.monotonic() + seconds
    while end not in said and select.select([line], [], [], max(deadline - time.monotonic(), 0.0))[0]:
        try:
            octets = os.read(line, 4096)
        except OSError:
            break
        if not octets:
            break
        said += octets
    return said


@contextlib.contextmanager
def opened(path: Path) -> Iterator[int]:
    line = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        yield line
    finally:
        os.close(line)


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    with Simulation(Network(Phones(now), now)) as made:
        yield made


def test_it_answers_on_a_pty(simulation: Simulation, tmp_path: Path) -> None:
    """A program opens the link and talks; an indication comes without being asked for."""
    simulation.on_pty(QUICK, tmp_path / "modem")
    with opened(tmp_path / "modem") as line:
        os.write(line, b"AT+CNMI=2,1,0,0,0\r")
        assert read_until(line, b"OK\r\n").endswith(b"\r\nOK\r\n")
        simulation.network.send_text("+447700900333", "hello")
        assert b"+CMTI" in read_until(line, b",1\r\n")


def test_the_tty_vanishes_and_comes_back(simulation: Simulation, tmp_path: Path) -> None:
    """Unplugged, the link is gone and an open line ends; plugged in again it is another tty under the same name."""
    simulation.on_pty(QUICK, tmp_path / "modem")
    before = (tmp_path / "modem").readlink()
    with opened(tmp_path / "modem") as line:
        simulation.modems[0].unplug()
        assert read_until(line, b"never") == b""
        assert wait_until(lambda: not (tmp_path / "modem").is_symlink())
        simulation.modems[0].plug()
        assert wait_until((tmp_path / "modem").exists)
        assert (tmp_path / "modem").readlink() != before
    with opened(tmp_path / "modem") as line:
        os.write(line, b"AT\r")
        assert b"OK" in read_until(line, b"OK\r\n")


def test_it_can_come_back_under_another_name(simulation: Simulation, tmp_path: Path) -> None:
    """The old link stays away, the new one stands beside it."""
    simulation.on_pty(QUICK, tmp_path / "ttyUSB0")
    perform(simulation.network, {"do": "unplug", "for_s": 0.05, "tty": "ttyUSB3"})
    assert wait_until((tmp_path / "ttyUSB3").exists)
    assert not (tmp_path / "ttyUSB0").is_symlink()


def test_a_reset_re_enumerates(simulation: Simulation, tmp_path: Path) -> None:
    """+CFUN=1,1 answers OK before the line ends."""
    simulation.on_pty(QUICK, tmp_path / "modem")
    before = (tmp_path / "modem").readlink()
    with opened(tmp_path / "modem") as line:
        os.write(line, b"AT+CFUN=1,1\r")
        assert read_until(line, b"never").endswith(b"\r\nOK\r\n")
        assert wait_until(lambda: (tmp_path / "modem").exists() and (tmp_path / "modem").readlink() != before)


def test_a_host_that_does_not_read_stops_nothing(simulation: Simulation, tmp_path: Path) -> None:
    """Far more than a PTY holds is said to nobody, and afterwards the modem still closes, unplugs and answers."""
    shell = simulation.on_pty(QUICK, tmp_path / "modem")
    for _ in range(40):
        perform(simulation.network, {"do": "noise", "octets": 5000})
        time.sleep(0.002)
    assert wait_until(lambda: len(shell._unwritten) >= 1 << 16)
    assert len(shell._unwritten) == 1 << 16
    simulation.modems[0].unplug(0.05)
    assert wait_until(lambda: simulation.modems[0].plugged and (tmp_path / "modem").exists())
    with opened(tmp_path / "modem") as line:
        os.write(line, b"AT\r")
        assert b"OK" in read_until(line, b"OK\r\n")


def test_it_answers_on_tcp(simulation: Simulation) -> None:
    """One client after another; unplugged it refuses, plugged in again it listens on the same port."""
    url = simulation.on_tcp(QUICK).url
    address = ("127.0.0.1", int(url.rpartition(":")[2]))
    for _ in range(2):
        with socket.create_connection(address, 20) as client:
            client.sendall(b"AT\r")
            assert b"OK" in read_until(client.fileno(), b"OK\r\n")
    with socket.create_connection(address, 20) as client:
        client.sendall(b"AT\r")
        assert b"OK" in read_until(client.fileno(), b"OK\r\n")
        simulation.modems[0].unplug()
        assert read_until(client.fileno(), b"never") == b""
        with pytest.raises(ConnectionRefusedError):
            wait_until(lambda: not socket.create_connection(address, 1).close() and False)
    simulation.modems[0].plug()
    assert wait_until(lambda: _connects(address))


def _connects(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, 20).close()
    except ConnectionRefusedError:
        return False
    return True


def test_time_can_be_compressed(tmp_path: Path) -> None:
    """With a clock a hundred times as fast and the pace to match, a minute on the air is over in a second."""
    fast = Network(Phones(now), now, now=lambda: time.monotonic() * 100, air_time_s=60.0)
    with Simulation(fast) as simulation, opened(simulation.on_pty(QUICK, tmp_path / "modem", pace=0.01).path) as line:
        (tpdu,) = segment.cut("hello", "+447700900222", 1)
        os.write(line, f"AT+CMGS={len(tpdu)}\r".encode())
        read_until(line, b"> ")
        started = time.monotonic()
        os.write(line, b"00" + tpdu.hex().encode() + b"\x1a")
        assert b"+CMGS: 1" in read_until(line, b"OK\r\n")
        assert time.monotonic() - started < 20


def test_two_modems_on_one_network(simulation: Simulation, tmp_path: Path) -> None:
    """Each has its own IMEI, SIM and line, and a text from one reaches the other."""
    simulation.on_pty(QUICK, tmp_path / "one")
    simulation.on_pty(QUICK, tmp_path / "two")
    first, second = simulation.modems
    assert len({first.profile.imei, second.profile.imei, first.sim.iccid, second.sim.iccid}) == 4
    with opened(tmp_path / "one") as sender, opened(tmp_path / "two") as receiver:
        os.write(receiver, b"ATE0+CNMI=2,1,0,0,0\r")
        read_until(receiver, b"OK\r\n")
        os.write(sender, f'AT+CMGF=1;+CMGS="{second.sim.number}"\r'.encode())
        read_until(sender, b"> ")
        os.write(sender, b"hello\x1a")
        assert b"+CMTI" in read_until(receiver, b",1\r\n")


def test_a_program_that_was_killed_keeps_nobody_out(tmp_path: Path) -> None:
    """The line forgets TIOCEXCL, as a real one does when its last program lets go."""
    replay = Replay([Spoken(0.0, True, b"AT\r"), Spoken(0.01, False, b"\r\nOK\r\n")], time.monotonic)
    shell = PtyShell(replay, tmp_path / "modem").start()
    try:
        with opened(shell.path) as line:
            fcntl.ioctl(line, termios.TIOCEXCL)
            os.write(line, b"AT\r")
            assert read_until(line, b"OK\r\n")
        with opened(shell.path) as line:
            assert struct.unpack("i", fcntl.ioctl(line, TIOCGEXCL, bytes(4))) == (0,)
    finally:
        shell.close()


def test_a_recorded_dialogue_on_a_pty(tmp_path: Path) -> None:
    """A shell carries a replay as it carries a modem."""
    replay = Replay([Spoken(0.0, True, b"AT\r"), Spoken(0.01, False, b"\r\nOK\r\n")], time.monotonic)
    shell = PtyShell(replay, tmp_path / "modem").start()
    try:
        with opened(shell.path) as line:
            os.write(line, b"AT\r")
            assert read_until(line, b"OK\r\n") == b"\r\nOK\r\n"
    finally:
        shell.close()
    assert replay.finished
    assert not (tmp_path / "modem").is_symlink()


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_nothing_is_left(tmp_path: Path) -> None:
    """After the `with` no descriptor, thread, link or socket remains."""
    before, threads = _descriptors(), threading.active_count()
    with Simulation(Network(Phones(now), now)) as simulation:
        simulation.on_pty(QUICK, tmp_path / "modem")
        simulation.on_tcp(QUICK)
        simulation.listen(tmp_path / "control")
    assert list(tmp_path.iterdir()) == []
    assert (_descriptors(), threading.active_count()) == (before, threads)
