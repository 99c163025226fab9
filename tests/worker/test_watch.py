"""Watching an idle modem: one question a minute, everything known, nothing more."""

import re
from collections import Counter

import pytest

from omsmodem.modem.ussd import UssdAnswer
from omsmodem.worker import Care, Watching
from omsmodem.worker.watch import amount, text_of
from tests.worker.world import World


def test_an_idle_modem_is_asked_one_thing_a_minute(world: World) -> None:
    """Registration, strength, storage and operator come round; no more than a command a minute."""
    front = world.modem()
    world.start()
    world.run(120)
    before = len(front.commands)
    world.run(7200)
    asked = Counter(re.split(r"[=?]", line)[0] for line in front.commands[before:])
    assert sum(asked.values()) <= 125
    assert set(asked) >= {"AT+CSQ", "AT+CREG", "AT+CEREG", "AT+CPMS", "AT+COPS"}
    status = front.worker.status
    assert status.strength is not None
    assert status.strength.dbm == -73
    assert status.operator is not None
    assert status.operator.name == "Simulated"
    assert status.fill is not None
    assert world.store.modems.sightings("front")


def test_a_weak_signal_is_dated(world: World) -> None:
    """Since when it has been weak is what an alarm needs."""
    front = world.modem()
    world.network.signal = 1
    world.start()
    world.run(600)
    assert front.worker.status.weak_since is not None
    world.network.signal = 25
    world.run(600)
    assert front.worker.status.weak_since is None


def test_a_modem_that_dies_while_idle_is_found_within_minutes(world: World) -> None:
    """Not by the next message, by the next question."""
    front = world.modem()
    world.start()
    world.run(120)
    world.do("hang")
    assert world.run_until(lambda: front.state == "absent", 300)


def test_pain_27_the_balance_is_asked_once_a_day_and_kept(world: World) -> None:
    """A prepaid card's credit, by USSD."""
    front = world.modem(care=Care(watching=Watching("*100#", 86_400)))
    world.start()
    world.run(3600)
    assert front.worker.status.balance == 9.5
    assert sum("CUSD" in line for line in front.commands) == 1
    world.network.ussd["*100#"] = "Balance: 1.20 GBP"
    world.run(86_400)
    assert front.worker.status.balance == 1.2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Balance: 9.50 GBP", 9.5),
        ("Ihr Guthaben: 12,34 EUR bis 31.12.2026", 12.34),
        ("You have 5 free texts and 3.00 pounds", 3.0),
        ("Credit 7 EUR", 7.0),
        ("Saldo -0,50", -0.5),
        ("Balance: 1,234.50 GBP", 1234.5),
        ("Guthaben 1.234,50 EUR", 1234.5),
        ("Pulsa Rp 12.500", 12500.0),
        ("Rp 1.250.000 s/d 31/12/2026", 1_250_000.0),
        ("+447700900123 has 3,00", 3.0),
        ("nothing here", None),
    ],
)
def test_the_amount_is_found_in_what_networks_say(text: str, expected: float | None) -> None:
    """One with decimals before one without; no date, no time."""
    assert amount(text) == expected


def test_ussd_octets_are_read_in_their_alphabet() -> None:
    """UCS-2 and packed septets, as TS 23.038 §5 has them; what cannot be read stays as the modem wrote it."""
    assert text_of(UssdAnswer("", "9,50 €".encode("utf-16-be"), 72)) == "9,50 €"
    assert text_of(UssdAnswer("", bytes.fromhex("E8329BFD06"), 15)) == "hello"
    assert text_of(UssdAnswer("as it came", None, None)) == "as it came"
    assert (
        text_of(UssdAnswer("", bytes.fromhex("E8329BFD06"), 1)) == "hello"
    )  # a language says the default alphabet, too
    assert text_of(UssdAnswer("", "9,50".encode("utf-16-be"), 0x48)) == "9,50"
    assert text_of(UssdAnswer("", b"9,50", 0x44)) == "9,50"


def test_digits_are_digits_where_septets_come_as_text() -> None:
    """An amount without a point looks like hexadecimal, and is packed septets only with makes that pack."""
    assert text_of(UssdAnswer("1250", bytes.fromhex("1250"), 15)) == "1250"
    assert text_of(UssdAnswer("3119", bytes.fromhex("3119"), 15, packed=True)) == "12"
    assert text_of(UssdAnswer("0031003200350030", bytes.fromhex("0031003200350030"), 72)) == "1250"
