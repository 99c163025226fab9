"""SIM, network and service centre have a line each, from what the running service knows."""

from dataclasses import replace

from omsmodem import health
from omsmodem.doctor import Patient, examine, radio
from omsmodem.facts import Facts, Level, ModemFacts
from tests.doctor.conftest import FACTS, NOW, the

READY = ModemFacts(
    "front",
    "ready",
    operator="Harbour Mobile",
    registration="home",
    access="LTE",
    signal="good",
    signal_dbm=-73,
    sim="ready",
    service_centre="+447700900000",
    storage_used=2,
    storage_size=50,
)


def facts(**changes: object) -> Facts:
    return replace(FACTS, modems=(replace(READY, **changes),))


def test_a_ready_modem_is_well_in_every_line() -> None:
    """SIM, network, signal, service centre and storage."""
    patient = Patient(facts())
    lines = [
        finding
        for check in (radio.sim, radio.network, radio.service_centre, radio.storage)
        for finding in check(patient)
    ]
    assert [finding.level for finding in lines] == [Level.OK] * 5
    assert "Harbour Mobile, home, LTE" in lines[1].sentence


def test_a_sim_without_service_centre_is_told() -> None:
    """Pain 25: where to get the number and where to write it."""
    finding = the(radio.service_centre, Patient(facts(service_centre="")))
    assert finding.level is Level.FAIL
    assert "modems.service_centre" in finding.remedy


def test_a_weak_signal_is_told_with_what_helps() -> None:
    """From when the worker calls it weak."""
    *_, finding = radio.network(Patient(facts(weak_since=NOW, signal="weak", signal_dbm=-105)))
    assert finding.level is Level.WARN
    assert "USB extension lead" in finding.remedy


def test_a_pin_that_must_not_be_tried_again_is_told_without_trying() -> None:
    """Pain 23: the doctor never enters a PIN; it says who must."""
    told = facts(state="blocked", reason="pin", sim="PIN", detail="2 tries are left: the PIN is not tried again")
    lines = list(examine(Patient(told), health.examine(told)))
    (line,) = [finding for finding in lines if finding.rule == "sim"]
    assert line.level is Level.FAIL
    assert "2 tries are left" in line.sentence
