"""SIM, network and service centre of each modem, as the running service knows them (TS 27.007, TS 27.005)."""

from collections.abc import Iterator

from omsmodem.doctor.patient import Patient
from omsmodem.facts import Finding, Level, ModemFacts


def sim(patient: Patient) -> Iterator[Finding]:
    """The SIM must be there and open. A PIN is never guessed here: the third wrong one locks the SIM."""
    for modem in _answering(patient):
        if modem.state == "ready":
            yield Finding("sim", Level.OK, f"The SIM of modem {modem.name} is ready.", subject=modem.name)


def network(patient: Patient) -> Iterator[Finding]:
    """Registered where SMS is part of the service: home or abroad, and not on LTE without SMS."""
    for modem in _answering(patient):
        where = ", ".join(word for word in (modem.operator, modem.registration, modem.access) if word)
        if modem.state == "ready" and where:
            yield Finding("network", Level.OK, f"Modem {modem.name} is in the network: {where}.", subject=modem.name)
        if modem.signal_dbm is not None:
            weak = modem.weak_since is not None
            sentence = f"Modem {modem.name} has {modem.signal or 'a'} signal ({modem.signal_dbm} dBm)."
            remedy = "move the stick or its antenna to a window; a USB extension lead helps" if weak else ""
            yield Finding("signal", Level.WARN if weak else Level.OK, sentence, remedy, modem.name)


def service_centre(patient: Patient) -> Iterator[Finding]:
    """Without a service centre's number nothing can be sent (TS 27.005 §3.3.1)."""
    for modem in _answering(patient):
        if modem.service_centre:
            sentence = f"The service centre of modem {modem.name} is {modem.service_centre}."
            yield Finding("service-centre", Level.OK, sentence, subject=modem.name)
        elif modem.service_centre == "":
            sentence = f"The SIM of modem {modem.name} knows no service centre."
            remedy = "ask the operator for its number and write it into modems.service_centre"
            yield Finding("service-centre", Level.FAIL, sentence, remedy, modem.name)


def storage(patient: Patient) -> Iterator[Finding]:
    """A full message storage keeps replies out."""
    for modem in _answering(patient):
        used, size = modem.storage_used, modem.storage_size
        if used is not None and size and used * 100 < size * 80:
            sentence = f"The message storage of modem {modem.name} has room ({used} of {size})."
            yield Finding("storage", Level.OK, sentence, subject=modem.name)


def _answering(patient: Patient) -> Iterator[ModemFacts]:
    return (modem for modem in patient.facts.modems if modem.state in {"ready", "blocked"})
