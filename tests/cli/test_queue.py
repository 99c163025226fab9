"""What a person decides about messages, from the command line."""

import json
from datetime import timedelta

import pytest

from omsmodem.message import State
from omsmodem.periods import utc_now
from tests.cli.conftest import Home


def queued(home: Home, *texts: str) -> list[int]:
    sent = [home.run("send", "--account", "dana", "--to", "07700 900222", text) for text in texts]
    return [int(result.stdout.split()[0]) for result in sent]


def doubtful(home: Home, text: str) -> int:
    """A message whose one segment was handed over without an answer, for a person to decide about."""
    (message_id,) = queued(home, text)
    store = home.store()
    store.outbox.take("modem1", lambda _message, _reference: (b"tpdu",))
    store.outbox.mark_in_flight(message_id, 1, "modem1")
    store.outbox.mark_uncertain(message_id, 1, "no answer", utc_now() - timedelta(seconds=1))
    store.evidence.settle_doubts("modem1", lambda _message: False)
    store.close()
    return message_id


def state(home: Home, message_id: int) -> str:
    store = home.store()
    message = store.history.message(message_id)
    store.close()
    assert message is not None
    return "held" if message.held_by is not None else message.state.value


def test_list_shows_what_is_not_settled_one_line_a_message(home: Home) -> None:
    """Scripts get fields apart by tabs, newest first, without a head."""
    first, second = queued(home, "one", "two")
    lines = [line.split("\t") for line in home.run("queue", "list").stdout.splitlines()]
    assert [(line[0], line[2], line[3], line[4], line[5]) for line in lines] == [
        (str(second), "dana", "+447700900222", "queued", "two"),
        (str(first), "dana", "+447700900222", "queued", "one"),
    ]


def test_list_finds_by_state_number_text_and_account(home: Home) -> None:
    """Criteria are joined by and; `all` is every state."""
    first, second = queued(home, "one", "two")
    home.run("queue", "cancel", str(first))

    def found(*criteria: str) -> list[int]:
        output = home.run("queue", "list", "--json", *criteria).stdout
        return [json.loads(line)["id"] for line in output.splitlines()]

    assert found() == [second]
    assert found("--state", "cancelled") == [first]
    assert found("--state", "all") == [second, first]
    assert found("--state", "all", "--text", "ONE") == [first]
    assert found("--to", "900222", "--account", "dana") == [second]
    assert found("--account", "nobody") == []


def test_hold_and_release_by_number_or_all(home: Home) -> None:
    """A held message names its holder; `--all` means what can be held, or is."""
    first, second = queued(home, "one", "two")
    assert home.run("queue", "hold", str(first), "--by", "dana").exit_code == 0
    assert "held by dana" in home.run("queue", "list").stdout
    assert home.run("queue", "hold", "--all").stdout.split()[0] == str(second)
    assert [state(home, message_id) for message_id in (first, second)] == ["held", "held"]
    assert home.run("queue", "release", "--all").exit_code == 0
    assert [state(home, message_id) for message_id in (first, second)] == ["queued", "queued"]


@pytest.mark.parametrize(
    ("act", "becomes"), [("resend", State.QUEUED), ("sent", State.SUBMITTED), ("give-up", State.FAILED)]
)
def test_an_uncertain_message_is_settled_by_a_person(home: Home, act: str, becomes: State) -> None:
    """Send again, take as sent, or leave it."""
    message_id = doubtful(home, "did it arrive?")
    assert "a person decides" in home.run("queue", "list", "--state", "uncertain").stdout
    assert home.run("queue", act, str(message_id)).exit_code == 0
    assert state(home, message_id) == becomes


def test_a_failed_message_is_tried_again(home: Home) -> None:
    """With a fresh validity, counted from now."""
    (message_id,) = queued(home, "again")
    store = home.store()
    store.outbox.take("modem1", lambda _message, _reference: (b"tpdu",))
    store.outbox.fail(message_id, "the network was down")
    store.close()
    assert home.run("queue", "retry", "--all").exit_code == 0
    assert state(home, message_id) == State.QUEUED


def test_what_cannot_be_done_is_said_and_the_rest_is_done(home: Home) -> None:
    """One wrong number does not stop the others; the exit code tells."""
    (message_id,) = queued(home, "one")
    result = home.run("queue", "cancel", "4711", str(message_id))
    assert result.exit_code == 1
    assert "there is no message 4711" in result.stderr
    assert state(home, message_id) == State.CANCELLED
    assert home.run("queue", "resend", str(message_id)).exit_code == 1


def test_naming_nothing_or_both_is_a_mistake(home: Home) -> None:
    """Neither numbers nor --all: nothing is touched by accident."""
    assert home.run("queue", "cancel").exit_code == 2
    assert home.run("queue", "cancel", "1", "--all").exit_code == 2


def test_every_act_is_in_the_audit(home: Home) -> None:
    """Who decided what can be read back."""
    (message_id,) = queued(home, "one")
    home.run("queue", "cancel", str(message_id), "--by", "dana")
    store = home.store()
    (act,) = store.audit.newest()
    store.close()
    assert (act.by, act.action, act.subject) == ("dana", "cancel", f"message {message_id}")
