"""A spool directory is a door like any other: committed first, moved after."""

import os
import threading
import time
from pathlib import Path

import pytest

from omsmodem.accounts import AccountError
from omsmodem.doors import Spool, SpoolWatch
from omsmodem.doors.files import FORMATS
from omsmodem.message import Reason, Receipt, Refusal, Submission


class Gate:
    """Accepts, or refuses what a test says."""

    def __init__(self) -> None:
        self.submissions: list[Submission] = []
        self.refusal: Refusal | None = None
        self.came = threading.Event()

    def submit(self, submission: Submission) -> Receipt:
        self.submissions.append(submission)
        self.came.set()
        if self.refusal is not None:
            return Receipt(refused=(self.refusal,))
        return Receipt(accepted=(len(self.submissions),))


def came(path: Path) -> bool:
    """Whether a file appears within 20 s."""
    deadline = time.monotonic() + 20
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return path.exists()


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def spool(tmp_path: Path, gate: Gate) -> Spool:
    return Spool(tmp_path, FORMATS["smstools"], "scripts", gate.submit)


def drop(spool: Spool, name: str, text: str = "hello") -> None:
    (spool.directory / name).write_text(f"To: 447700900222\n\n{text}\n")


def test_a_file_is_accepted_and_moved(spool: Spool, gate: Gate) -> None:
    """For the account of the spool; its name makes it the same message however often it is read."""
    drop(spool, "a")
    (outcome,) = spool.sweep()
    assert (outcome.file, outcome.accepted) == ("a", (1,))
    (submission,) = gate.submissions
    assert (submission.account, submission.recipients, submission.texts) == ("scripts", ("+447700900222",), ("hello",))
    assert submission.content_ids == ("a",)
    assert (spool.directory / "imported" / "a").exists()
    assert list(spool.sweep()) == []


def test_a_refused_file_is_put_aside_with_its_reason(spool: Spool, gate: Gate) -> None:
    """The others go on."""
    (spool.directory / "bad").write_text("no header")
    drop(spool, "good")
    outcomes = list(spool.sweep())
    assert [bool(outcome.accepted) for outcome in outcomes] == [False, True]
    assert (spool.directory / "refused" / "bad").exists()
    gate.refusal = Refusal(Reason.INVALID_RECIPIENT, "+44", "Not a dialable mobile number.")
    drop(spool, "number")
    (outcome,) = spool.sweep()
    assert outcome.why == "Not a dialable mobile number."
    assert (spool.directory / "refused" / "number").exists()


def test_a_file_stays_while_nothing_can_be_accepted(spool: Spool, gate: Gate) -> None:
    """A full disk is not the message's fault."""
    gate.refusal = Refusal(Reason.UNAVAILABLE)
    drop(spool, "a")
    (outcome,) = spool.sweep()
    assert outcome.waits
    assert (spool.directory / "a").exists()


def test_a_file_that_is_still_written_is_left(spool: Spool) -> None:
    """smstools' scripts say so with a .LOCK beside it."""
    drop(spool, "a")
    (spool.directory / "a.LOCK").write_text("")
    assert list(spool.sweep()) == []


def test_files_are_taken_as_they_come(spool: Spool, gate: Gate) -> None:
    """Also after a time in which nothing could be accepted."""
    gate.refusal = Refusal(Reason.BUSY)
    settling = Spool(spool.directory, FORMATS["smstools"], "scripts", gate.submit, settle_s=0.5)
    watch = SpoolWatch([settling], period_s=0.02)
    watch.start()
    try:
        drop(spool, "a")
        assert gate.came.wait(20)
        gate.refusal = None
        assert came(spool.directory / "imported" / "a")
    finally:
        watch.stop()


def test_a_directory_that_is_missing_is_said_once(spool: Spool, caplog: pytest.LogCaptureFixture) -> None:
    """And does not end the watch."""
    gone = Spool(spool.directory / "gone", FORMATS["gammu"], "scripts", lambda _submission: Receipt())
    watch = SpoolWatch([gone], period_s=0.01)
    watch.start()
    threading.Event().wait(0.2)
    watch.stop()
    assert caplog.text.count("cannot be swept") == 1


def test_a_refused_file_is_logged_without_the_number_in_its_name(
    tmp_path: Path, gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    """gammu-smsd puts the recipient into the name."""
    gate.refusal = Refusal(Reason.INVALID_RECIPIENT, detail="Not a dialable mobile number.")
    (tmp_path / "OUT+447700900222.txt").write_text("text")
    list(Spool(tmp_path, FORMATS["gammu"], "scripts", gate.submit).sweep())
    assert "refused" in caplog.text
    assert "447700900222" not in caplog.text


def test_a_file_that_is_written_in_two_breaths_is_left_until_it_is_whole(spool: Spool, gate: Gate) -> None:
    """What is read between them would be half a message."""
    settling = Spool(spool.directory, FORMATS["smstools"], "scripts", gate.submit, settle_s=3600)
    drop(spool, "a")
    (outcome,) = settling.sweep()
    assert outcome.waits
    assert gate.submissions == []
    os.utime(spool.directory / "a", (0, 0))
    (outcome,) = settling.sweep()
    assert outcome.accepted


def test_a_fault_does_not_end_the_watch(tmp_path: Path) -> None:
    """Accounts that cannot be read today may be read tomorrow; the file waits and is sent then."""
    receipts: list[Exception | Receipt] = [AccountError("no account file"), Receipt(accepted=(7,))]

    def submit(_submission: Submission) -> Receipt:
        receipt = receipts.pop(0)
        if isinstance(receipt, Exception):
            raise receipt
        return receipt

    (tmp_path / "OUT+447700900222.txt").write_text("hello")
    watch = SpoolWatch([Spool(tmp_path, FORMATS["gammu"], "scripts", submit)], period_s=0.01)
    watch.start()
    try:
        assert came(tmp_path / "imported" / "OUT+447700900222.txt")
    finally:
        watch.stop()
