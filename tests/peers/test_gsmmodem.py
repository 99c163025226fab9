"""python-gsmmodem-new's own driver on our modem: a foreign client that always runs.

Its quirks, seen here: an indication within an answer is taken for part of it and lost, so the maker's chatter is off and
reports come only where they are waited for; it takes `\\r\\r\\n` for part of an indication; it leaves the character set at
UCS2 behind a Cyrillic text.
"""

import threading
from pathlib import Path

import pytest
from gsmmodem.exceptions import CmsError, IncorrectPinError, PinRequiredError
from gsmmodem.modem import GsmModem, SentSms

from omsmodem.modem.simulator.actions import perform
from omsmodem.modem.simulator.devices import PROFILES
from omsmodem.periods import utc_now
from omsmodem.sms.address import Address
from omsmodem.sms.tpdu import StatusReport
from tests.peers.conftest import PHONE, SENDER, desk_with, wait_until


def _idle() -> bool:
    """Whether the driver has dealt with every indication: each gets a thread of its own, which no command must meet."""
    return not any("HandleModemNotification" in thread.name for thread in threading.enumerate())


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_sends_and_receives(profile: str, tmp_path: Path) -> None:
    """On every device it connects, sends one and two segments and Cyrillic, sees the report and a phone's text."""
    with desk_with(profile, tmp_path, chatter=False) as desk:
        received: list[tuple[str, str]] = []
        modem = GsmModem(
            str(desk.device), 115200, smsReceivedCallbackFunc=lambda sms: received.append((sms.number, sms.text))
        )
        try:
            modem.connect()
            assert (modem.manufacturer, modem.imei) == (desk.modem.profile.manufacturer, desk.modem.profile.imei)
            assert modem.networkName == desk.network.operator
            assert modem.smsc == desk.modem.sim.service_centre
            perform(desk.network, {"do": "reports", "copies": 0, "count": 4})
            sent = [modem.sendSms(PHONE, text) for text in ("hello from another driver", "y" * 200, "Привет")]
            assert desk.texts == [(PHONE, text) for text in ("hello from another driver", "y" * 200, "Привет")]
            desk.network.inject(StatusReport(sent[0].reference, Address.of(PHONE), utc_now(), utc_now(), 0).encode())
            assert wait_until(lambda: sent[0].status == SentSms.DELIVERED)
            assert wait_until(_idle)
            desk.network.send_text(SENDER, "and back")
            assert wait_until(lambda: received) == [(SENDER, "and back")]
            assert wait_until(_idle)
        finally:
            modem.close()


def test_a_refusal_arrives_as_one(tmp_path: Path) -> None:
    """+CMS ERROR 38 is CmsError 38 there."""
    with desk_with("generic", tmp_path) as desk:
        modem = GsmModem(str(desk.device), 115200)
        try:
            modem.connect()
            perform(desk.network, {"do": "refuse", "code": 38})
            with pytest.raises(CmsError) as refused:
                modem.sendSms(PHONE, "hello")
            assert refused.value.code == 38
        finally:
            modem.close()


def test_the_pin_is_asked_for_and_counted(tmp_path: Path) -> None:
    """Without a PIN it says so, a wrong one costs a try, the right one opens the SIM."""
    with desk_with("generic", tmp_path) as desk:
        perform(desk.network, {"do": "sim", "state": "SIM PIN", "pin": "2468"})
        for pin, error in ((None, PinRequiredError), ("1111", IncorrectPinError)):
            modem = GsmModem(str(desk.device), 115200)
            with pytest.raises(error):
                modem.connect(pin)
            modem.close()
        assert desk.modem.sim.pin_tries == 2
        modem = GsmModem(str(desk.device), 115200)
        try:
            modem.connect("2468")
            assert desk.modem.sim.state == "READY"
            assert desk.modem.sim.pin_tries == 3
        finally:
            modem.close()
