"""Pain 33: the certificate is looked at with a client's eyes."""

import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from omsmodem import certificates
from omsmodem.doctor import Patient, clients
from omsmodem.facts import ClientFacts, Level
from omsmodem.https import HttpsServer, Listener
from tests.doctor.conftest import FACTS, the


@pytest.fixture
def patient(keys: Path) -> Patient:
    facts = replace(FACTS, running=False)
    return Patient(facts, certificate=keys / "server.crt", key=keys / "server.key", authority=keys / "ca.crt")


def named(patient: Patient, host: str) -> Patient:
    return replace(patient, facts=replace(patient.facts, uri=f"https://{host}:8443/oms/service.asmx"))


def test_a_good_certificate_is_accepted_before_the_service_runs(patient: Patient) -> None:
    """The files alone tell."""
    finding = the(clients.certificate, patient)
    assert finding.level is Level.OK
    assert "accepts the certificate for localhost (TLSv1.3)" in finding.sentence


def test_a_certificate_for_another_name(patient: Patient) -> None:
    """The name that people type must be in it."""
    finding = the(clients.certificate, named(patient, "sms.harbour.example"))
    assert finding.level is Level.FAIL
    assert "is not for sms.harbour.example" in finding.sentence
    assert finding.remedy.startswith("omsmodem cert init --replace --name sms.harbour.example; ")


def test_a_certificate_of_another_authority(patient: Patient, tmp_path: Path) -> None:
    """What the PCs imported did not make it."""
    certificates.init(certificates.Files.within(tmp_path), ["localhost"])
    finding = the(clients.certificate, replace(patient, authority=tmp_path / "ca.crt"))
    assert finding.level is Level.FAIL
    assert "authority" in finding.sentence or "does not accept" in finding.sentence


def test_a_key_that_does_not_belong_to_the_certificate(patient: Patient, keys: Path) -> None:
    """It cannot be served at all."""
    finding = the(clients.certificate, replace(patient, key=keys / "ca.key"))
    assert (finding.level, finding.remedy) == (Level.FAIL, "omsmodem cert check")


def test_a_key_that_cannot_be_read(patient: Patient) -> None:
    """The files are at fault, not the port that nobody asked."""
    finding = the(clients.certificate, replace(patient, key=patient.key.with_name("none")))
    assert finding.sentence == "The certificate or its key cannot be read: No such file or directory."
    assert finding.remedy == "omsmodem cert check"


def test_the_running_service_is_asked_over_the_network(patient: Patient, keys: Path) -> None:
    """Reachable on its own port, with the certificate it really serves."""
    server = HttpsServer(
        lambda _environ, _start: [],
        [Listener(0, "127.0.0.1")],
        certificate=keys / "server.crt",
        key=keys / "server.key",
    )
    server.start()
    running = replace(patient, facts=replace(patient.facts, running=True), listen_port=server.port)
    try:
        assert the(clients.certificate, running).level is Level.OK
    finally:
        server.stop()
    finding = the(clients.certificate, running)
    assert (finding.rule, finding.level) == ("listener", Level.FAIL)


def test_a_name_that_no_pc_can_find(patient: Patient) -> None:
    """DNS or hosts files must know it; `.invalid` never does."""
    assert the(clients.name, patient).level is Level.OK
    finding = the(clients.name, named(patient, "sms.invalid"))
    assert finding.level is Level.WARN
    assert "hosts file" in finding.remedy


def test_pcs_that_could_not_connect_are_named(patient: Patient) -> None:
    """Old TLS, http:// in place of https://, an authority that is not trusted: one line a PC."""
    advice = "PC 192.0.2.31 speaks only TLS 1.0: run enable-tls12.reg there."
    facts = replace(patient.facts, clients=ClientFacts(advice=(advice,)))
    assert the(clients.old_windows, replace(patient, facts=facts)).sentence == advice


@pytest.mark.parametrize(
    ("greeting", "level", "words"),
    [
        (b"220 sms.harbour.example ESMTP\r\n", Level.OK, "takes mail programs"),
        (b"421 too many connections\r\n", Level.OK, "takes mail programs"),
        (b"SSH-2.0-other\r\n", Level.FAIL, "says nothing that mail programs know"),
        (None, Level.FAIL, "does not answer on this machine"),
    ],
)
def test_the_door_for_mail_is_knocked_at(patient: Patient, greeting: bytes | None, level: Level, words: str) -> None:
    """A greeting is a sign of life; another program on the port, or none, is told with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        running = replace(patient, facts=replace(patient.facts, running=True), mail_door=("127.0.0.1", port))
        if greeting is None:
            listening.close()
            finding = the(clients.mail_door, running)
        else:
            greeter = threading.Thread(target=_greet, args=(listening, greeting))
            greeter.start()
            finding = the(clients.mail_door, running)
            greeter.join(30)
    assert finding.level is level
    assert words in finding.sentence
    assert list(clients.mail_door(replace(running, mail_door=None))) == []


def _greet(listening: socket.socket, greeting: bytes) -> None:
    client, _address = listening.accept()
    with client:
        client.sendall(greeting)
