"""The service as its clients meet it: the port, the certificate, old Windows."""

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from omsmodem.doctor.patient import Patient
from omsmodem.facts import Finding, Level

_TIMEOUT_S = 5.0
_RESTART = "systemctl restart omsmodem; journalctl -u omsmodem"
_IMPORT = "import ca.cer on the PCs: certutil -addstore -f Root ca.cer"


def certificate(patient: Patient) -> Iterator[Finding]:
    """A client that trusts our authority must accept the certificate for the name that people type."""
    host = urlsplit(patient.facts.uri).hostname or ""
    context = _client(patient)
    try:
        if patient.facts.running:
            spoken = _over_the_network(patient, context, host)
        else:
            spoken = _in_memory(patient, context, host)
    except ssl.SSLCertVerificationError as error:
        yield Finding("certificate", Level.FAIL, *_words(error, host))
    except ssl.SSLError as error:
        sentence = f"The certificate and its key cannot be served: {error.reason or error}."
        yield Finding("certificate", Level.FAIL, sentence, "omsmodem cert check")
    except OSError as error:
        yield _unreachable(patient, error)
    else:
        sentence = f"A client that trusts our authority accepts the certificate for {host} ({spoken})."
        yield Finding("certificate", Level.OK, sentence)


def _unreachable(patient: Patient, error: OSError) -> Finding:
    why = error.strerror or str(error)
    if not patient.facts.running:  # the files were tried, not the port
        return Finding(
            "certificate", Level.FAIL, f"The certificate or its key cannot be read: {why}.", "omsmodem cert check"
        )
    sentence = f"The port {patient.listen_port} does not answer on this machine: {why}."
    return Finding("listener", Level.FAIL, sentence, _RESTART)


def _client(patient: Patient) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if patient.authority.exists():
        context.load_verify_locations(patient.authority)
    return context


def _over_the_network(patient: Patient, context: ssl.SSLContext, host: str) -> str:
    with (
        socket.create_connection((_here(patient.listen_address), patient.listen_port), _TIMEOUT_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        return secure.version() or ""


def _here(address: str) -> str:
    """Where a listener on `address` is reached from this machine."""
    every = {"::": "127.0.0.1", "0.0.0.0": "127.0.0.1"}  # noqa: S104 - compared, not bound to
    return every.get(address, address)


def _in_memory(patient: Patient, client_context: ssl.SSLContext, host: str) -> str:
    """The handshake of a client with the service's files, without a network; the protocol they agree on."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(patient.certificate, patient.key)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=host)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    while waiting:
        for end in tuple(waiting):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(end)
    return client.version() or ""


def _words(error: ssl.SSLCertVerificationError, host: str) -> tuple[str, str]:
    reason = error.verify_message
    if "mismatch" in reason:
        remedy = f"omsmodem cert init --replace --name {host}; every PC imports ca.cer anew"
        return f"The certificate is not for {host}, the name in service.uri.", remedy
    if "expired" in reason:
        return "The certificate has expired.", "omsmodem cert renew"
    if "self-signed" in reason or "issuer" in reason:
        return "The certificate was not made by the authority that the PCs import.", _IMPORT
    return f"A client does not accept the certificate: {reason}.", "omsmodem cert check"


def mail_door(patient: Patient) -> Iterator[Finding]:
    """Mail programs must be greeted (RFC 5321 §3.1), or told that there are too many of them."""
    if patient.mail_door is None or not patient.facts.running:
        return
    address, port = patient.mail_door
    try:
        with socket.create_connection((_here(address), port), _TIMEOUT_S) as plain:
            plain.settimeout(_TIMEOUT_S)
            greeting = plain.recv(200)
    except OSError as error:
        greeting, why = b"", str(error)
    else:
        why = "it says nothing that mail programs know"
    if greeting[:3] in {b"220", b"421"}:
        yield Finding("door-down", Level.OK, f"The door for mail on port {port} takes mail programs.", subject="mail")
    else:
        sentence = f"The door for mail on port {port} does not answer on this machine: {why}."
        yield Finding("door-down", Level.FAIL, sentence, _RESTART, "mail")


def name(patient: Patient) -> Iterator[Finding]:
    """PCs must find this machine by the name in the address."""
    host = urlsplit(patient.facts.uri).hostname or ""
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        sentence = f"The name {host} in service.uri is not known to the name service."
        yield Finding("name", Level.WARN, sentence, f"add {host} to your DNS, or to the hosts file of every PC")
    else:
        yield Finding("name", Level.OK, f"The name {host} is known to the name service.")


def old_windows(patient: Patient) -> Iterator[Finding]:
    """PCs that could not connect, each with what to do there."""
    for advice in patient.facts.clients.advice:
        yield Finding("client", Level.WARN, advice, "omsmodem cert kit makes the Windows kit")
