"""Sending and reading over the door for scripts."""

import pytest

from tests.rest.conftest import TO, Office


def test_what_is_answered_with_201_is_on_disk(office: Office) -> None:
    """A text to one number is one message in the store, the workers are woken, and the answer names it."""
    answer = office.send("07700 900222")
    (message,) = answer.json["messages"]
    assert (answer.status, message["to"], message["state"]) == (201, TO, "queued")
    (stored,) = office.store.history.messages()
    assert (stored.id, stored.account, stored.text) == (message["id"], "dana", "Disk full")
    submitted = office.store.history.submission(stored.submission_id)
    assert (submitted.door, submitted.client, submitted.source) == ("rest", "monitor/1", "192.0.2.7")
    assert office.nudges


def test_one_bad_number_does_not_hold_up_the_others(office: Office) -> None:
    """What the gate refuses of a list is listed with its reason; the rest is accepted."""
    answer = office.send([TO, "112", "+447700900333"])
    assert [message["to"] for message in answer.json["messages"]] == [TO, "+447700900333"]
    assert [(one["to"], one["reason"]) for one in answer.json["refused"]] == [("112", "emergency_number")]


def test_a_moment_is_kept(office: Office) -> None:
    """A text with `not_before` waits until then, whatever the offset it was written with."""
    answer = office.send(not_before="2026-03-02T12:00:00+02:00")
    assert answer.json["messages"][0]["not_before"] == "2026-03-02T10:00:00+00:00"
    assert office.send(not_before="2099-01-01T00:00:00Z").json["reason"] == "bad_schedule"


@pytest.mark.parametrize(
    ("given", "status", "reason"),
    [
        ({"to": "112"}, 422, "emergency_number"),
        ({"to": "12"}, 422, "invalid_recipient"),
        ({"text": " "}, 422, "empty_text"),
        ({"text": "x" * 2000}, 422, "text_too_long"),
        ({"text": "x" * 1400, "to": [TO, *(f"+4477009004{n:02}" for n in range(20))]}, 201, None),
        ({"to": []}, 422, "wrong_shape"),
        ({"text": None}, 422, "wrong_shape"),
        ({"colour": "blue"}, 422, "wrong_shape"),
        ({"not_before": "tomorrow"}, 422, "wrong_shape"),
        ({"not_before": "2026-03-02T12:00:00"}, 422, "wrong_shape"),
        ({"text": "\ud83d"}, 400, "not_json"),
    ],
)
def test_every_refusal_is_a_problem_with_a_reason(office: Office, given: dict, status: int, reason: str | None) -> None:
    """Nothing is half done: a refusal is a problem document with a stable word, and nothing is stored."""
    answer = office.ask("POST", "/messages", {"to": TO, "text": "Disk full", **given})
    assert (answer.status, answer.json.get("reason")) == (status, reason)
    if reason is not None:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json["detail"]
        assert not office.store.history.messages()


def test_a_quota_that_is_used_up_is_429(office: Office) -> None:
    """The account's limits hold here too, in HTTP's words."""
    for n in range(40):
        assert office.send(text=f"text {n}").status == 201
    answer = office.send(text="one more")
    assert (answer.status, answer.json["reason"]) == (429, "quota_day")
    assert answer.json["detail"] == "At most 40 SMS a day may be sent."


def test_the_same_key_is_the_same_request(office: Office) -> None:
    """A request that comes again with its key gets the first answer, even days of quota later, and nothing is sent twice."""
    first = office.send(key="k1")
    again = office.send(key="k1")
    assert (again.status, again.body) == (first.status, first.body)
    assert len(office.store.history.messages()) == 1
    assert office.send(key="k2").json["messages"][0]["id"] != first.json["messages"][0]["id"]
    other = office.send(text="Disk empty", key="k1")
    assert (other.status, other.json["reason"]) == (409, "key_reused")
    assert office.send(key="no spaces").json["reason"] == "bad_key"


def test_a_refused_request_does_not_use_up_its_key(office: Office) -> None:
    """Once the mistake is mended the key works."""
    assert office.send(text=" ", key="k1").status == 422
    assert office.send(key="k1").status == 201


def test_an_answer_that_is_kept_goes_with_the_text_it_holds(office: Office) -> None:
    """Whoever asks to have a number erased leaves nothing of it here."""
    office.send(key="k1")
    office.store.desk.cancel(1, "dana")
    office.store.retention.erase(TO, "dana")
    with office.store.database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM idempotency").fetchone()[0] == 0


def test_without_a_key_twice_is_twice(office: Office) -> None:
    """A script that asks twice means it."""
    ids = {office.send().json["messages"][0]["id"] for _ in range(2)}
    assert len(ids) == 2


def test_an_account_reads_its_own_messages_only(office: Office) -> None:
    """Another account's message is not there, by number or in the list."""
    message_id = office.send().json["messages"][0]["id"]
    assert office.ask("GET", f"/messages/{message_id}").json["text"] == "Disk full"
    other = office.make_token("fish")
    assert office.ask("GET", f"/messages/{message_id}", token=other).status == 404
    assert office.ask("GET", "/messages", token=other).json == {"messages": [], "older": None}


def test_pages_follow_each_other_without_gaps(office: Office) -> None:
    """Newest first, by key: what is accepted between two pages shifts nothing."""
    for n in range(5):
        office.send(text=f"text {n}")
    first = office.ask("GET", "/messages?limit=2").json
    office.send(text="meanwhile")
    second = office.ask("GET", f"/messages?limit=2&before={first['older']}").json
    assert [m["text"] for m in first["messages"] + second["messages"]] == ["text 4", "text 3", "text 2", "text 1"]


def test_messages_are_found_by_state_and_number(office: Office) -> None:
    """`state` takes several, `to` the end of a number."""
    office.send(["+447700900222", "+447700900333"])
    office.store.desk.cancel(1, "dana")
    assert [m["to"] for m in office.ask("GET", "/messages?state=cancelled,failed").json["messages"]] == [TO]
    assert [m["id"] for m in office.ask("GET", "/messages?to=07700900333").json["messages"]] == [2]
    assert office.ask("GET", "/messages?state=lost").json["reason"] == "bad_query"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "before=-1", "before=1&before=2", "colour=blue", "after=1e3"]
)
def test_a_bad_parameter_is_400(office: Office, query: str) -> None:
    """Nothing is guessed."""
    path = "/incoming" if query.startswith("after") else "/messages"
    assert office.ask("GET", f"{path}?{query}").status == 400


def test_incoming_messages_are_polled_in_order(office: Office) -> None:
    """`next` leads on; other accounts' messages are not there."""
    for text in ("one for dana", "for nobody", "two for dana"):
        office.receive(text)
    first = office.ask("GET", "/incoming?limit=1").json
    assert [m["text"] for m in first["incoming"]] == ["one for dana"]
    second = office.ask("GET", f"/incoming?after={first['next']}").json
    assert [(m["text"], m["from"]) for m in second["incoming"]] == [("two for dana", TO)]
    assert office.ask("GET", f"/incoming?after={second['next']}").json == {"incoming": [], "next": second["next"]}


def test_the_status_is_for_a_monitoring_program(office: Office) -> None:
    """The worst finding is the level."""
    status = office.ask("GET", "/status").json
    assert (status["level"], status["modems"][0]["state"]) == ("warn", "ready")
    assert status["findings"][0]["rule"] == "disk"
