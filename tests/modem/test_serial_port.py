"""A real line: exclusive, with one kind of error, and awake when it is closed."""

import contextlib
import fcntl
import os
import queue
import socket
import struct
import threading
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import serial
import serial.rfc2217

from omsmodem.modem.errors import InDoubt, PortLost, PortUnavailable
from omsmodem.modem.gsm import Gsm
from omsmodem.modem.serial_port import open_port
from omsmodem.modem.session import Session
from omsmodem.modem.simulator.modem import SimulatedModem
from omsmodem.modem.simulator.network import Network
from omsmodem.modem.simulator.phones import Phones
from omsmodem.modem.simulator.shell import TcpShell
from tests.modem.simulated import tpdus
from tests.modem.stick import REPORT, TPDU, PtyStick, Stick, lines, pdu

SOON_S = 10.0
TIOCGEXCL = 0x80045440  # Linux tells whether a terminal is exclusive


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_a_real_line_carries_a_whole_conversation() -> None:
    """Bring-up and a submit on a PTY."""
    with PtyStick(Stick()) as stick:
        session = Session(open_port(str(stick.path)), queue.SimpleQueue())
        try:
            gsm = Gsm(session)
            assert gsm.bring_up().imei == "356938035643809"
            assert gsm.submit(TPDU) == 7
        finally:
            session.close()


def test_a_modem_behind_tcp_is_a_modem() -> None:
    """`socket://host:port`: bring-up, a submit, its report, and the end of the connection."""
    clock = partial(datetime.now, UTC)
    network = Network(Phones(clock), clock)
    shell = TcpShell(SimulatedModem(network)).start()
    session = Session(open_port(shell.url), queue.SimpleQueue())
    try:
        gsm = Gsm(session)
        gsm.bring_up()
        (tpdu,) = tpdus("over the network")
        gsm.submit(tpdu)
        assert session.wait(SOON_S)
        assert [incoming.kind for incoming in gsm.incoming()] == ["status_report"]
        shell.close()
        with pytest.raises(PortLost):
            session.rest(SOON_S)
    finally:
        session.close()
    assert network.submissions == [tpdu]


@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # in pyserial's client
def test_a_modem_behind_rfc_2217_is_a_modem() -> None:
    """`rfc2217://host:port`: the same through a server for serial ports."""
    with PtyStick(Stick()) as stick, PortServer(str(stick.path)) as server:
        session = Session(open_port(server.url), queue.SimpleQueue())
        try:
            gsm = Gsm(session)
            assert gsm.bring_up().imei == "356938035643809"
            assert gsm.submit(TPDU) == 7
        finally:
            session.close()


class PortServer:
    """A serial port offered by RFC 2217, to one client."""

    def __init__(self, device: str) -> None:
        self._line = Line(device)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"rfc2217://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._to_line, daemon=True)]

    def __enter__(self) -> "PortServer":
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._line.cancel_read()
        for thread in self._threads:
            thread.join(SOON_S)
        self._line.close()

    def write(self, octets: bytes) -> None:
        self._client.sendall(octets)

    def _to_line(self) -> None:
        self._client, _ = self._listener.accept()
        with self._client, contextlib.suppress(OSError):
            manager = serial.rfc2217.PortManager(self._line, self)
            back = threading.Thread(target=self._to_client, args=(manager,), daemon=True)
            self._threads.append(back)
            back.start()
            while octets := self._client.recv(4096):
                self._line.write(b"".join(manager.filter(octets)))

    def _to_client(self, manager: serial.rfc2217.PortManager) -> None:
        with contextlib.suppress(OSError):
            while octets := self._line.read(1):
                self._client.sendall(b"".join(manager.escape(octets + self._line.read(self._line.in_waiting))))


class Line(serial.Serial):
    """A PTY has no control lines."""

    cts = dsr = ri = cd = False

    def _update_dtr_state(self) -> None:
        """There is none."""

    def _update_rts_state(self) -> None:
        """There is none."""


def test_what_a_modem_said_to_a_closed_port_is_heard_by_whoever_opens_it_next() -> None:
    """A report routed between two connections lies in the line and is not thrown away, nor taken for an answer."""
    with PtyStick(Stick()) as stick:
        open_port(str(stick.path)).close()
        stick.say(lines("+CDS: 25", pdu(REPORT)))
        time.sleep(0.2)  # it is in the line
        session = Session(open_port(str(stick.path)), queue.SimpleQueue())
        try:
            gsm = Gsm(session)
            gsm.bring_up()
            assert [one.tpdu for one in gsm.incoming()] == [REPORT]
            assert gsm.submit(TPDU) == 7
        finally:
            session.close()


def test_what_was_read_before_the_port_went_is_handed_over() -> None:
    """A result that comes right before the end counts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = open_port(f"socket://127.0.0.1:{listener.getsockname()[1]}")
        with listener.accept()[0] as client:
            client.sendall(b"+CMGS: 5\r\nOK\r\n")
    read = b""
    with contextlib.suppress(PortLost):
        while True:
            read += port.read()
    port.close()
    assert read == b"+CMGS: 5\r\nOK\r\n"


def test_a_port_is_ours_alone() -> None:
    """A second open says who has it."""
    with PtyStick(Stick()) as stick:
        port = open_port(str(stick.path))
        try:
            with pytest.raises(PortUnavailable, match=f"process {os.getpid()}"):
                open_port(str(stick.path))
        finally:
            port.close()
        open_port(str(stick.path)).close()


def test_programs_that_ask_for_no_lock_are_kept_out_too() -> None:
    """TIOCEXCL is set while we have the port."""
    with PtyStick(Stick()) as stick:
        port = open_port(str(stick.path))
        looking = os.open(stick.path, os.O_RDWR | os.O_NOCTTY) if os.geteuid() == 0 else None
        try:
            if looking is None:
                with pytest.raises(OSError, match="busy"):
                    os.open(stick.path, os.O_RDWR | os.O_NOCTTY)
            else:  # root is let in, and may look
                assert struct.unpack("i", fcntl.ioctl(looking, TIOCGEXCL, bytes(4))) == (1,)
        finally:
            port.close()
            if looking is not None:
                os.close(looking)


def test_a_missing_port_is_said(tmp_path: Path) -> None:
    """The sentence tells what may have happened."""
    with pytest.raises(PortUnavailable, match="is not there"):
        open_port(str(tmp_path / "ttyUSB9"))


@pytest.mark.parametrize("url", ["socket://127.0.0.1:1", "nonsense://x", "rfc2217://127.0.0.1:1"])
def test_a_url_that_cannot_be_opened_is_said(url: str) -> None:
    """One error for every kind of URL."""
    with pytest.raises(PortUnavailable):
        open_port(url)


def test_an_unplug_is_noticed_at_once() -> None:
    """A caller that waits for a result learns of the loss, not of a time-out."""
    stick = Stick()
    stick.result = None
    with PtyStick(stick) as on_pty:
        session = Session(open_port(str(on_pty.path)), queue.SimpleQueue())
        try:
            threading.Timer(0.2, on_pty.unplug).start()
            started = time.monotonic()
            with pytest.raises(InDoubt, match="went away"):
                Gsm(session).submit(TPDU)
            assert time.monotonic() - started < SOON_S
            with pytest.raises(PortLost):
                session.execute("AT")
        finally:
            session.close()


def test_one_bad_octet_harms_nothing() -> None:
    """0xFF, NUL and everything that is no text may be on the line."""
    stick = Stick()
    with PtyStick(stick) as on_pty:
        session = Session(open_port(str(on_pty.path)), queue.SimpleQueue())
        try:
            on_pty.say(bytes(range(256)) + b"\r\n")
            assert Gsm(session).submit(TPDU) == 7
        finally:
            session.close()


def test_a_header_and_its_tpdu_in_two_reads_are_one_report() -> None:
    """However the port cuts it."""
    with PtyStick(Stick()) as on_pty:
        session = Session(open_port(str(on_pty.path)), queue.SimpleQueue())
        try:
            on_pty.say(b"\r\n+CDS: 25\r\n")
            session.rest(0.1)
            on_pty.say(lines("0006" + "00" * 20))
            assert session.wait(SOON_S)
            (incoming,) = Gsm(session).incoming()
            assert incoming.kind == "status_report"
        finally:
            session.close()


def test_closing_wakes_the_reader() -> None:
    """No thread stays behind."""
    with PtyStick(Stick()) as on_pty:
        before = threading.active_count()
        session = Session(open_port(str(on_pty.path)), queue.SimpleQueue())
        session.close()
        assert threading.active_count() == before


def test_connecting_again_and_again_leaves_nothing_behind() -> None:
    """No descriptor and no thread is gained over many connections."""
    with PtyStick(Stick()) as on_pty:
        descriptors, threads = _descriptors(), threading.active_count()
        for _ in range(20):
            session = Session(open_port(str(on_pty.path)), queue.SimpleQueue())
            session.execute("AT")
            session.close()
        assert _descriptors() == descriptors
        assert threading.active_count() == threads
