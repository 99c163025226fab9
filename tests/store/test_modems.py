"""What is known of modems and SIMs, across restarts."""

from datetime import timedelta
from pathlib import Path

from omsmodem.store import Charge, Control, Period, Store, open_store
from tests.store.parts import START, Clock, accept, fly

DAY = timedelta(days=1)
TODAY = Period("day", START, START + DAY)
CHARGE = Charge("89440", (TODAY,))


def reopened(store: Store, clock: Clock) -> Store:
    path: Path = store.database.path
    store.close()
    return open_store(path, clock)


def test_a_word_on_a_modem_holds_across_restarts(store: Store, clock: Clock) -> None:
    """Hold, drain and open, with who and when, and in the audit."""
    assert store.modems.word("front").control is Control.OPEN
    store.modems.say("front", Control.HELD, "dana")
    again = reopened(store, clock)
    word = again.modems.word("front")
    assert (word.control, word.by, word.at) == (Control.HELD, "dana", START)
    again.modems.say("front", Control.OPEN, "kim")
    assert again.modems.word("front").control is Control.OPEN
    assert [(act.by, act.action) for act in again.audit.newest()] == [("kim", "open"), ("dana", "held")]
    again.close()


def test_segments_are_counted_with_the_intent_to_send_them(store: Store, clock: Clock) -> None:
    """What is handed over counts at once and survives; what was not sent is given back."""
    accept(store, "one", "two")
    for _ in range(2):
        taken = store.outbox.take("front", lambda _m, _r: (b"1",))
        assert taken is not None
        store.outbox.mark_in_flight(taken.message.id, 1, "front", CHARGE)
    store.outbox.mark_not_sent(taken.message.id, 1, "busy", clock.now, charge=CHARGE)
    again = reopened(store, clock)
    assert again.modems.used("89440", TODAY) == 1
    assert again.modems.used("89440", Period("day", START + DAY, START + 2 * DAY)) == 0
    assert again.modems.used("other", TODAY) == 0
    assert again.modems.used("89440", Period("month", START, START + 31 * DAY)) == 1
    assert again.modems.used("89440", Period("month", START + DAY, START + 31 * DAY)) == 0
    again.close()


def test_a_kill_does_not_give_back_what_may_have_been_sent(store: Store, clock: Clock) -> None:
    """In doubt, the SIM's cap counts it."""
    accept(store)
    taken = store.outbox.take("front", lambda _m, _r: (b"1",))
    assert taken is not None
    store.outbox.mark_in_flight(taken.message.id, 1, "front", CHARGE)
    store.outbox.recover(clock.now + timedelta(seconds=60))
    assert store.modems.used("89440", TODAY) == 1


def test_a_tried_pin_is_remembered_until_it_proves_right(store: Store, clock: Clock) -> None:
    """The third wrong PIN locks a SIM: no restart may forget the first."""
    store.modems.remember("89440", "digest")
    again = reopened(store, clock)
    assert again.modems.tried("89440", "digest")
    assert not again.modems.tried("89441", "digest")
    again.modems.forget("89440", "digest")
    assert not again.modems.tried("89440", "digest")
    again.close()


def test_the_last_good_service_centre_is_kept_by_sim(store: Store) -> None:
    """A SIM that lost its own can be given it back."""
    assert store.modems.service_centre("89440") is None
    store.modems.keep_service_centre("89440", "+447700900000")
    store.modems.keep_service_centre("89440", "+447700900001")
    assert store.modems.service_centre("89440") == "+447700900001"


def test_sightings_are_thinned_and_forgotten(store: Store, clock: Clock) -> None:
    """One in ten minutes, each change of registration, a month back."""
    for _ in range(30):
        store.modems.see("front", -73, "home")
        clock.advance(minutes=1)
    store.modems.see("front", None, "searching")
    seen = store.modems.sightings("front")
    assert [one.registration for one in seen] == ["searching", "home", "home", "home"]
    clock.advance(days=40)
    store.modems.see("front", -70, "home")
    assert [one.dbm for one in store.modems.sightings("front")] == [-70]


def test_a_message_goes_over_one_modem_only_once_something_of_it_left(store: Store, clock: Clock) -> None:
    """Refused with nothing sent, another modem may take it; in doubt, none ever does."""
    (message_id,) = accept(store)
    fly(store, "front")
    store.outbox.mark_not_sent(message_id, 1, "no network", clock.now, counted=False)
    assert fly(store, "back") == message_id
    store.outbox.mark_uncertain(message_id, 1, "no answer", clock.now)
    store.evidence.settle_doubts("back", lambda _: True)
    assert store.outbox.take("front", lambda _m, _r: (b"1",)) is None
    assert fly(store, "back") == message_id
