"""The service itself and its machine."""

from collections.abc import Iterator

from omsmodem import figures
from omsmodem.facts import Facts, Finding, Level
from omsmodem.health.thresholds import Thresholds


def down(facts: Facts, _: Thresholds) -> Iterator[Finding]:
    """A service that does not run sends nothing."""
    if not facts.running:
        sentence = "The service does not run; messages in the queue wait."
        yield Finding("service-down", Level.FAIL, sentence, "systemctl start omsmodem")


def no_modem(facts: Facts, _: Thresholds) -> Iterator[Finding]:
    """A service without a modem keeps what it accepts."""
    if facts.running and not facts.modems:
        sentence = "No modem is configured: messages are accepted and wait."
        yield Finding("no-modem", Level.FAIL, sentence, "omsmodem modem probe")


def clock(facts: Facts, _: Thresholds) -> Iterator[Finding]:
    """Wrong time makes wrong validity and wrong logs."""
    if facts.clock_synchronised is False:
        sentence = "The clock is not synchronised: times in the log and the validity of messages may be wrong."
        yield Finding("clock", Level.WARN, sentence, "timedatectl set-ntp true")


def disk(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """A full disk accepts nothing."""
    free = facts.disk_free_octets
    if free is not None and free < limits.disk_octets:
        level = Level.FAIL if free < limits.disk_octets // 10 else Level.WARN
        yield Finding("disk", level, f"Only {figures.octets(free)} are free for the queue.", "omsmodem purge")


def backup(facts: Facts, limits: Thresholds) -> Iterator[Finding]:
    """A copy that is old, or not there."""
    newest = facts.newest_backup
    if not facts.backups_wanted:
        return
    if newest is None:
        if facts.first_message_at is not None and facts.now - facts.first_message_at > limits.backup_age:
            yield Finding("backup", Level.WARN, "There is no backup yet.", "omsmodem backup")
    elif facts.now - newest > limits.backup_age:
        sentence = f"The newest backup is {figures.since(newest, facts.now)} old."
        yield Finding("backup", Level.WARN, sentence, "omsmodem backup")
