"""The simulated modems that benchmarks listen to."""

import threading

import pytest
import serial

from bench._peers import PEERS
from bench._sticks import Heard, sticks
from bench.air import Used, usage
from bench.worker import bare_loop
from omsmodem.sms import segment


def test_every_submission_is_heard_with_its_modem_and_what_was_sent_before() -> None:
    """A loop on each of two modems: one command a segment, TPDUs are no commands, and octets are counted both ways."""
    tpdus = segment.cut("three segments " * 25, "+447700900222", 1)
    with sticks(0.0, 0.0, 2) as found:
        loops = [threading.Thread(target=bare_loop, args=(path, tpdus)) for path in found.paths]
        for loop in loops:
            loop.start()
        heard = found.wait(6, 30)
        for loop in loops:
            loop.join(30)
        assert found.commands() == 12  # ATE0, AT+CMGF=0, AT+CNMI and three AT+CMGS each
    mine = [one for one in heard if one.modem == 0]
    assert [one.commands for one in mine] == [4, 5, 6]
    assert 0 < mine[-1].octets_of_reports < mine[-1].octets_from
    assert mine[-1].octets_to - mine[0].octets_to > 2 * sum(map(len, tpdus[:2]))
    assert mine[-1].octets_from > mine[0].octets_from
    assert sorted(mine, key=lambda one: one.at) == mine


def test_what_does_not_come_is_not_waited_for() -> None:
    """A gateway that sends nothing ends a benchmark with a word."""
    with sticks(0.0, 0.0) as found:
        with serial.Serial(str(found.paths[0]), timeout=5) as line:
            line.write(b"AT\r")
            line.read_until(b"OK\r\n")
        with pytest.raises(TimeoutError, match="0 of 1 segments"):
            found.wait(1, 0.05)


def test_the_use_of_the_air_is_that_of_each_modem_from_its_first_submission_to_its_last() -> None:
    """Two modems, one of which starts later and is half as busy: 75 %. Octets of delivery reports are counted apart."""
    heard = [Heard(0, 3.0 * n, n, 100 * n, 70 * n, 50 * n) for n in range(5)] + [
        Heard(1, 100 + 6.0 * n, 3 * n, 100 * n, 20 * n, 0) for n in range(5)
    ]
    assert usage(heard, 3.0) == Used(efficiency=0.75, commands=2.0, octets=120.0, report=25.0)


def test_a_peer_that_is_not_installed_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nobody wonders where its row is."""
    monkeypatch.setenv("PATH", "/nowhere")
    for peer in PEERS:
        if peer.missing:
            assert peer.missing == f"not installed: Debian package {peer.package}"
