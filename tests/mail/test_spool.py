"""From the store to a real SMTP server: once, in the end, whatever the server does; and nothing waits for a dead one."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from omsmodem.mail import Mailboxes, Relay, Spool, SpoolSettings
from omsmodem.message import Answer, NoticeKind, NoticeState, SegmentKey
from tests.mail.conftest import MAILBOXES, PHONE, Office
from tests.mail.sink import DROP, KEEP_AND_DROP, Sink, serving

SETTINGS = SpoolSettings(retry=(timedelta(minutes=1), timedelta(minutes=5)), most_waiting=50)


class Rig:
    """A spool whose clocks the test moves."""

    def __init__(self, office: Office, port: int | None, **changes: object) -> None:
        self.office = office
        self.seconds = 0.0
        self.answers: list[tuple[str, Answer]] = []
        options: dict[str, object] = {"mailboxes": MAILBOXES, "settings": SETTINGS, **changes}
        self.spool = Spool(
            office.store,
            office.composer(mailboxes=options["mailboxes"]),
            Relay("127.0.0.1", port, "none", timeout_s=10) if port is not None else None,
            options["settings"],
            office.sorting(),
            answer=lambda number, answer: self.answers.append((number, answer)),
            clock=office.clock,
            monotonic=lambda: self.seconds,
        )

    def work(self, minutes: float = 0.0) -> None:
        self.seconds += 60 * minutes
        self.office.clock.advance(minutes=minutes)
        self.spool.work()

    def states(self) -> list[NoticeState]:
        return [notice.state for notice in self.office.store.notices.notices()]


def subjects(sink: Sink) -> list[str]:
    return [message["Subject"] for message in sink.messages()]


def test_what_is_due_is_sent_once(office: Office) -> None:
    """A reply and a failure leave over one connection and are not sent again."""
    sink = Sink()
    office.receive("hello")
    office.accept(PHONE)
    office.refuse()
    with serving(sink) as port:
        rig = Rig(office, port)
        rig.work()
        rig.work(10)
    assert subjects(sink) == [f"SMS from {PHONE}", f"SMS to {PHONE} was not sent"]
    assert rig.states() == [NoticeState.SENT] * 2
    assert rig.spool.idle_s() == 600.0


@pytest.mark.parametrize(("stage", "answer"), [("RCPT", "450 later"), ("DATA", "451 later"), ("DATA", DROP)])
def test_a_mail_that_is_not_taken_now_waits_by_itself(office: Office, stage: str, answer: str) -> None:
    """The others go on; it is tried again after its pause, with the same Message-ID."""
    sink = Sink()
    sink.answers[stage].append(answer)
    office.receive("first")
    office.receive("second")
    with serving(sink) as port:
        rig = Rig(office, port)
        rig.work()
        assert len(sink.mails) == 1
        assert 0 < rig.spool.idle_s() <= 72
        rig.work(0.5)
        assert len(sink.mails) == 1
        rig.work(1)
    assert sorted(str(m.get_content()).strip() for m in sink.messages()) == ["first", "second"]
    assert rig.states() == [NoticeState.SENT] * 2


def test_an_answer_that_was_lost_repeats_the_same_mail(office: Office) -> None:
    """The server took it and went away before saying so: the copy has the same Message-ID, so that it can be told."""
    sink = Sink()
    sink.answers["DATA"].append(KEEP_AND_DROP)
    office.receive("hello")
    with serving(sink) as port:
        rig = Rig(office, port)
        rig.work()
        rig.work(2)
    first, second = sink.mails
    assert first == second


def test_a_mail_that_is_refused_for_good_is_kept_and_the_operator_told(office: Office) -> None:
    """Nothing is thrown away: it can be seen, and sent again once the reason is gone."""
    sink = Sink()
    sink.answers["RCPT"].append("550 5.1.1 no such user")
    office.receive("hello")
    with serving(sink) as port:
        rig = Rig(office, port)
        rig.work()
        assert subjects(sink) == ["[Harbour SMS] A mail could not be sent"]
        assert "550 5.1.1 no such user" in sink.messages()[0].get_content()
        (kept,) = office.store.notices.notices(states=[NoticeState.KEPT])
        assert kept.last_error == "550 5.1.1 no such user"
        assert office.store.notices.send_again(kept.id)
        rig.work()
    assert subjects(sink)[-1] == f"SMS from {PHONE}"


def test_an_alarm_that_is_refused_raises_no_alarm(office: Office) -> None:
    """Or the operator's full mailbox would fill the queue."""
    sink = Sink()
    sink.answers["RCPT"].extend(["550 no such user"] * 4)
    office.store.alarms.alarm("modem", "Modem gone", "Plug it in.")
    with serving(sink) as port:
        rig = Rig(office, port)
        rig.work()
        rig.work(60)
    assert rig.states() == [NoticeState.KEPT]


def test_a_dead_server_loses_nothing_and_is_tried_with_growing_pauses(office: Office) -> None:
    """No mail is blamed, all go out when it is back; until then its status says since when and why."""
    sink = Sink()
    with serving(sink) as port:
        pass
    for number in range(3):
        office.receive(f"text {number}")
    rig = Rig(office, port)
    rig.work()
    assert rig.spool.status.failing_since == office.clock.now
    assert "cannot be reached" in rig.spool.status.last_error
    assert rig.spool.idle_s() == 60.0
    rig.work(1)
    assert rig.spool.idle_s() == 300.0
    assert [notice.attempts for notice in office.store.notices.notices()] == [0, 0, 0]
    office.receive("one more")
    with serving(sink) as port:
        rig.spool._relay = Relay("127.0.0.1", port, "none", timeout_s=10)
        rig.work(4)
        assert sink.mails == []
        rig.work(1)
    assert len(sink.mails) == 4
    assert rig.spool.status.failing_since is None


def test_a_server_that_drops_every_mail_is_a_dead_server(office: Office) -> None:
    """One poisonous mail waits by itself; three drops in a row are the server's fault."""
    sink = Sink()
    sink.answers["DATA"].extend([DROP] * 3)
    for number in range(5):
        office.receive(f"text {number}")
    with serving(sink) as port:
        rig = Rig(office, port)
        rig.work()
        assert sink.mails == []
        assert rig.spool.status.failing_since is not None
        rig.work(6)
        rig.work(1)
    assert len(sink.mails) == 5


def test_what_waits_in_vain_too_long_is_kept_and_told(office: Office) -> None:
    """After five days a person has to look."""
    sink = Sink()
    sink.answers["RCPT"].append("450 mailbox full")
    office.receive("hello")
    with serving(sink) as port:
        rig = Rig(office, port)
        rig.work()
        sink.answers["RCPT"].append("450 mailbox full")
        rig.work(60 * 120)
    assert [n.state for n in office.store.notices.notices() if n.kind is NoticeKind.REPLY] == [NoticeState.KEPT]
    assert any("450 mailbox full" in notice.text for notice in office.store.notices.notices())


def test_the_queue_is_bounded(office: Office) -> None:
    """More than the most: the newest are kept back, and nothing grows without end."""
    with serving(Sink()) as port:
        pass
    rig = Rig(office, port, settings=SpoolSettings(most_waiting=2))
    for number in range(4):
        office.receive(f"text {number}")
    rig.work()
    assert rig.states()[:4] == [NoticeState.WAITING] * 2 + [NoticeState.KEPT] * 2


def test_without_a_server_mails_are_kept_and_without_a_mailbox_too(office: Office) -> None:
    """Both can be sent later; neither fills the log with attempts."""
    office.receive("hello")
    rig = Rig(office, None)
    rig.work()
    assert "mail.host" in office.store.notices.notices()[0].last_error
    office.receive("hello", account="")
    with serving(Sink()) as port:
        rig = Rig(office, port, mailboxes=Mailboxes())
        rig.work()
    assert "mail.default_mailbox" in office.store.notices.notices()[1].last_error
    assert set(rig.states()) == {NoticeState.KEPT}


def test_one_mail_that_cannot_be_written_does_not_stop_the_others(office: Office) -> None:
    """An address that is none, beside a good one."""
    sink = Sink()
    office.receive("lost", account="")
    office.receive("found")
    with serving(sink) as port:
        rig = Rig(office, port, mailboxes=Mailboxes("not an address", ("admin@harbour.example",)))
        rig.work()
    assert sorted(subjects(sink)) == [f"SMS from {PHONE}", "[Harbour SMS] A mail could not be sent"]


def test_incomplete_messages_are_given_up_and_alarms_repeated_by_the_same_thread(office: Office) -> None:
    """Its next moment is that of whatever comes first."""
    sink = Sink()
    office.receive("half ", key=SegmentKey(7, False, 2, 1))
    office.store.alarms.alarm("modem", "Modem gone", "Plug it in.")
    with serving(sink) as port:
        rig = Rig(office, port)
        rig.work()
        assert len(sink.mails) == 1
        rig.work(60)
        assert subjects(sink)[1] == f"SMS from {PHONE} (parts are missing)"
        rig.work(23 * 60)
    assert subjects(sink)[2] == "[Harbour SMS] Still: Modem gone"


def test_the_thread_wakes_for_what_is_due_and_stops_at_once(office: Office) -> None:
    """A nudge after a commit sends it now; a stop does not wait for the next moment."""
    sink = Sink()
    with serving(sink) as port:
        spool = Rig(office, port).spool
        office.store.database.listeners["mail"] = spool.nudge
        spool.start()
        time.sleep(0.2)
        office.receive("hello")
        assert eventually(lambda: len(sink.mails) == 1)
        started = time.monotonic()
        spool.stop()
        assert time.monotonic() - started < 5


def eventually(what: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.02)
    return what()
