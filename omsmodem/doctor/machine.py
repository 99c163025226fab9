"""The machine and the service on it: store, files, clock, disk, backup, unit."""

import ipaddress
import pwd
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

from omsmodem import figures
from omsmodem.doctor.patient import MailServer, Patient
from omsmodem.facts import Finding, Level
from omsmodem.store.backup import check_in_use
from omsmodem.store.errors import StoreDamaged, StoreError


def store(patient: Patient) -> Iterator[Finding]:
    """Every page of the queue must be readable."""
    if not patient.database.exists():
        yield Finding("store", Level.OK, "There is no queue yet; the first start makes it.")
        return
    try:
        check_in_use(patient.database)
    except StoreDamaged as error:
        remedy = "systemctl stop omsmodem; omsmodem restore"
        yield Finding("store", Level.FAIL, f"The queue cannot be trusted: {error}", remedy)
    except StoreError as error:
        remedy = f"ls -l {patient.database}; df {patient.database.parent}"
        yield Finding("store", Level.FAIL, f"The queue cannot be read: {error}", remedy)
    else:
        yield Finding("store", Level.OK, "The queue is whole.")


def private(patient: Patient) -> Iterator[Finding]:
    """Keys, passwords and texts are for the service alone."""
    open_ones = [path for path in patient.private_files if _others_read(path, patient.user)]
    for path in open_ones:
        yield Finding("private", Level.WARN, f"Others may read {path}.", f"chmod go= {path}", str(path))
    if not open_ones:
        yield Finding("private", Level.OK, "Keys, accounts and queue are readable by the service alone.")


def _others_read(path: Path, user: str) -> bool:
    """Whether anybody but the owner and the service's own group may touch a file; nobody does that cannot reach it."""
    try:
        found = path.stat()
    except OSError:
        return False
    try:
        ours = pwd.getpwnam(user).pw_gid
    except KeyError:
        ours = None
    return bool(found.st_mode & (0o007 if found.st_gid == ours else 0o077))


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
    if patient.accounts_problem:
        remedy = "give the file back to the service, or stop it: omsmodem restore --with-accounts"
        yield Finding("accounts", Level.FAIL, f"Nobody can sign in: {patient.accounts_problem}.", remedy)
    elif patient.accounts:
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
    """The mail server must let us in, and systemd must let the service go there."""
    server = patient.mail_server
    if server is None:
        return
    trouble = server.sign_in()
    shut_out = [] if trouble else [each for each in _addresses(server) if not _allowed(each, patient.unit())]
    if trouble:
        yield Finding(
            "mail",
            Level.FAIL,
            f"{trouble[0].upper()}{trouble[1:]}.",
            "check `mail` in the configuration, and the network",
        )
    elif shut_out:
        sentence = f"systemd does not let the service reach the mail server at {shut_out[0]}."
        remedy = f"systemctl edit omsmodem, then: [Service] IPAddressAllow={shut_out[0]}"
        yield Finding("mail", Level.FAIL, sentence, remedy)
    else:
        yield Finding("mail", Level.OK, f"The mail server {server.host} lets us in.")


def _addresses(server: MailServer) -> list[str]:
    found = socket.getaddrinfo(server.host, None, type=socket.SOCK_STREAM)
    return sorted({str(each[4][0]) for each in found})


def _allowed(address: str, properties: Mapping[str, str]) -> bool:
    """What IPAddressDeny= and IPAddressAllow= mean for an address: the list of allowed ones goes first."""
    if not properties.get("IPAddressDeny"):
        return True
    allowed = properties.get("IPAddressAllow", "").split()
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(network) for network in allowed)
