"""All examinations in the order in which a person would go through them."""

from collections.abc import Callable, Iterator

from omsmodem import figures
from omsmodem.doctor import clients, machine, radio, stick
from omsmodem.doctor.patient import Patient
from omsmodem.facts import Finding, Level

Check = Callable[[Patient], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    stick.mode,
    stick.name,
    stick.port,
    stick.others,
    stick.answers,
    stick.power,
    radio.sim,
    radio.network,
    radio.service_centre,
    radio.storage,
    machine.unit,
    machine.store,
    machine.private,
    machine.disk,
    machine.clock,
    machine.backup,
    machine.accounts,
    machine.mail,
    clients.certificate,
    clients.name,
    clients.mail_door,
    clients.old_windows,
)


def examine(patient: Patient, alarms: list[Finding]) -> Iterator[Finding]:
    """Every check's findings; `alarms` are what the health rules say, which silence the good word on the same matter."""
    alarmed = {(alarm.rule, subject) for alarm in alarms for subject in (alarm.subject, "")}
    yield from _service(patient)
    yield from alarms
    for check in CHECKS:
        for finding in check(patient):
            if finding.level is not Level.OK or (finding.rule, finding.subject) not in alarmed:
                yield finding


def _service(patient: Patient) -> Iterator[Finding]:
    facts = patient.facts
    if facts.running:
        up = f", for {figures.since(facts.started_at, facts.now)}" if facts.started_at else ""
        yield Finding("service", Level.OK, f"The service runs{up}.")
