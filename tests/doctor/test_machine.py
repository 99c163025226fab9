"""The machine around the service."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from omsmodem.doctor import MailServer, Patient, machine
from omsmodem.facts import Level
from omsmodem.store import open_store
from tests.doctor.conftest import FACTS, NOW, the
from tests.faults.disk import own_disk, why_not

PATIENT = Patient(FACTS)


def test_a_whole_queue_is_well_and_left_as_it_is(tmp_path: Path) -> None:
    """Checked through a copy, which is gone afterwards."""
    database = tmp_path / "omsmodem.db"
    open_store(database, lambda: NOW).close()
    assert the(machine.store, replace(PATIENT, database=database)).level is Level.OK
    assert not list(tmp_path.glob(".check-*"))


def test_a_damaged_queue_is_found(tmp_path: Path) -> None:
    """A page overwritten by a dying disk is seen before somebody needs the message on it."""
    database = tmp_path / "omsmodem.db"
    open_store(database, lambda: NOW).close()
    octets = bytearray(database.read_bytes())
    octets[4096:8192] = bytes(4096)
    database.write_bytes(octets)
    finding = the(machine.store, replace(PATIENT, database=database))
    assert finding.level is Level.FAIL
    assert "omsmodem restore" in finding.remedy


@pytest.mark.skipif(why_not() != "", reason=why_not())
def test_a_full_disk_is_no_fault_of_the_queue(tmp_path: Path) -> None:
    """There is no room for the copy that is looked at: nobody is told to restore a backup for that."""
    at = tmp_path / "disk"
    at.mkdir()
    with own_disk(at) as disk:
        open_store(at / "omsmodem.db", lambda: NOW).close()
        disk.fill()
        finding = the(machine.store, replace(PATIENT, database=at / "omsmodem.db"))
    assert (finding.level, finding.remedy) == (Level.FAIL, f"ls -l {at / 'omsmodem.db'}; df {at}")
    assert "is damaged" not in finding.sentence


def test_files_that_others_may_read_are_named(tmp_path: Path) -> None:
    """Keys, passwords and texts are nobody else's."""
    key = tmp_path / "server.key"
    key.touch(0o600)
    assert the(machine.private, replace(PATIENT, private_files=(key,))).level is Level.OK
    key.chmod(0o644)
    finding = the(machine.private, replace(PATIENT, private_files=(key,)))
    assert (finding.level, finding.remedy) == (Level.WARN, f"chmod go= {key}")


def test_disk_clock_backup_and_accounts_have_a_good_word() -> None:
    """What the health rules do not complain of is said to be well."""
    facts = replace(FACTS, disk_free_octets=10**10, clock_synchronised=True, newest_backup=NOW - timedelta(hours=5))
    patient = replace(PATIENT, facts=facts, accounts=2)
    checks = (machine.disk, machine.clock, machine.backup, machine.accounts)
    assert [the(check, patient).sentence for check in checks] == [
        "10.0 GB are free for the queue.",
        "The clock is synchronised.",
        "The newest backup is 5 h old.",
        "2 accounts may send.",
    ]


def test_a_service_without_accounts_is_useless() -> None:
    """Nobody could sign in."""
    assert the(machine.accounts, PATIENT).remedy == "omsmodem user add NAME"


@pytest.mark.parametrize(("state", "level"), [("enabled", Level.OK), ("disabled", Level.WARN)])
def test_the_unit_starts_with_the_machine(state: str, level: Level) -> None:
    """A restart at night must not end the service."""
    assert the(machine.unit, replace(PATIENT, unit=lambda: {"UnitFileState": state})).level is level


def test_a_machine_without_systemd_has_no_unit() -> None:
    """Nothing is said of what is not there."""
    assert list(machine.unit(PATIENT)) == []


def server(trouble: str = "") -> MailServer:
    return MailServer("127.0.0.1", lambda: trouble)


def test_a_mail_server_that_lets_us_in_is_well() -> None:
    """It is asked, not only looked up."""
    assert the(machine.mail, replace(PATIENT, mail_server=server())).level is Level.OK


def test_a_mail_server_that_does_not() -> None:
    """With the reason in its own words."""
    finding = the(machine.mail, replace(PATIENT, mail_server=server("the mail server cannot be reached: refused")))
    assert finding.level is Level.FAIL
    assert finding.sentence == "The mail server cannot be reached: refused."


def test_a_mail_server_that_systemd_shuts_out() -> None:
    """IPAddressDeny= makes it look like a slow network; the drop-in to add is printed."""
    unit = {"IPAddressDeny": "::/0 0.0.0.0/0", "IPAddressAllow": "10.0.0.0/8 fe80::/64"}
    finding = the(machine.mail, replace(PATIENT, mail_server=server(), unit=lambda: unit))
    assert finding.level is Level.FAIL
    assert "IPAddressAllow=127.0.0.1" in finding.remedy
    allowed = {**unit, "IPAddressAllow": "127.0.0.0/8"}
    assert the(machine.mail, replace(PATIENT, mail_server=server(), unit=lambda: allowed)).level is Level.OK


def test_without_a_mail_server_nothing_is_said() -> None:
    """Mail is a choice."""
    assert list(machine.mail(PATIENT)) == []
