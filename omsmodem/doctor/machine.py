"""The machine and the service on it: store, files, clock, disk, backup, unit."""

import ipaddress
import socket
from collections.abc import Iterator, Mapping

from omsmodem import figures
from omsmodem.doctor.patient import Patient, Relay
from omsmodem.facts import Finding, Level
from omsmodem.store.backup import check_in_use
from omsmodem.store.errors import StoreError

_TIMEOUT_S = 5.0


def store(patient: Patient) -> Iterator[Finding]:
    """Every page of the queue must be readable."""
    if not patient.database.exists():
        yield Finding("store", Level.OK, "There is no queue yet; the first start makes it.")
        return
    try:
        check_in_use(patient.database)
    except StoreError as error:
        remedy = "systemctl stop omsmodem; omsmodem restore"
        yield Finding("store", Level.FAIL, f"The queue cannot be trusted: {error}", remedy)
    else:
        yield Finding("store", Level.OK, "The queue is whole.")


def private(patient: Patient) -> Iterator[Finding]:
    """Keys, passwords and texts are for the service alone."""
    open_ones = [path for path in patient.private_files if path.exists() and path.stat().st_mode & 0o077]
    for path in open_ones:
        yield Finding("private", Level.WARN, f"Others may read {path}.", f"chmod go= {path}", str(path))
    if not open_ones:
        yield Finding("private", Level.OK, "Keys, accounts and queue are readable by the service alone.")


def disk(patient: Patient) -> Iterator[Finding]:
    """Room for the queue."""
    if patient.facts.disk_free_octets is not None:
        yield Finding("disk", Level.OK, f"{figures.octets(patient.facts.disk_free_octets)} are free for the queue.")


def clock(patient: Patient) -> Iterator[Finding]:
    """Validity and timestamps need the right time."""
    if patient.facts.clock_synchronised:
        yield Finding("clock", Level.OK, "The clock is synchronised.")


def backup(patient: Patient) -> Iterator[Finding]:
    """A copy of the queue that is not older than two days."""
    facts = patient.facts
    if facts.newest_backup is not None:
        yield Finding("backup", Level.OK, f"The newest backup is {figures.since(facts.newest_backup, facts.now)} old.")


def accounts(patient: Patient) -> Iterator[Finding]:
    """Somebody must be able to sign in."""
    if patient.accounts:
        yield Finding("accounts", Level.OK, f"{figures.plural(patient.accounts, 'account')} may send.")
    else:
        yield Finding("accounts", Level.FAIL, "There is no account that may send.", "omsmodem user add NAME")


def unit(patient: Patient) -> Iterator[Finding]:
    """The service comes back after a restart of the machine."""
    properties = patient.unit()
    state = properties.get("UnitFileState", "")
    if state == "enabled":
        yield Finding("unit", Level.OK, "The service starts with the machine.")
    elif state:
        yield Finding(
            "unit", Level.WARN, f"The service does not start with the machine ({state}).", "systemctl enable omsmodem"
        )


def mail(patient: Patient) -> Iterator[Finding]:
    """The mail server must take a connection, and systemd must let the service make it."""
    relay = patient.relay
    if relay is None:
        return
    try:
        addresses = _addresses(relay)
        _greet(relay)
    except OSError as error:
        sentence = f"The mail server {relay.host}:{relay.port} cannot be reached: {error}."
        yield Finding("mail", Level.FAIL, sentence, "check mail.host in the configuration, and the network")
        return
    shut_out = [address for address in addresses if not _allowed(address, patient.unit())]
    if shut_out:
        sentence = f"systemd does not let the service reach the mail server at {shut_out[0]}."
        remedy = f"systemctl edit omsmodem, then: [Service] IPAddressAllow={shut_out[0]}"
        yield Finding("mail", Level.FAIL, sentence, remedy)
    else:
        yield Finding("mail", Level.OK, f"The mail server {relay.host}:{relay.port} answers.")


def _greet(relay: Relay) -> None:
    """Hear the server's 220 (RFC 5321 §4.2) and leave. Raises OSError."""
    with socket.create_connection((relay.host, relay.port), _TIMEOUT_S) as connection:
        greeting = connection.recv(512).decode("ascii", "replace").strip()
        connection.sendall(b"QUIT\r\n")
    if not greeting.startswith("220"):
        raise ConnectionError(f"it answered {greeting!r} in place of a greeting")


def _addresses(relay: Relay) -> list[str]:
    return sorted({str(found[4][0]) for found in socket.getaddrinfo(relay.host, relay.port, type=socket.SOCK_STREAM)})


def _allowed(address: str, properties: Mapping[str, str]) -> bool:
    """What IPAddressDeny= and IPAddressAllow= mean for an address: the list of allowed ones goes first."""
    if not properties.get("IPAddressDeny"):
        return True
    allowed = properties.get("IPAddressAllow", "").split()
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(network) for network in allowed)
