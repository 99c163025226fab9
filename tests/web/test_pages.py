"""What each page shows, and to whom."""

from dataclasses import replace

import pytest

from omsmodem.accounts import Account, AccountError
from omsmodem.message import State
from omsmodem.web import WebApplication
from tests.web.conftest import Browser, Office, reading_all


def test_the_status_page_says_how_the_service_is(office: Office) -> None:
    """Verdict, modem, certificate, what to do and the plots."""
    office.store.modems.see("front", -73, "home")
    body = office.browser("harbour").get("/status").body
    for words in (
        "Something to look at",
        "Only 400 MB are free.",
        "omsmodem purge",
        "Harbour Mobile",
        "700",
        "−73 dBm",
    ):
        assert words in body
    assert body.count("<svg") == 2


def test_everybody_else_starts_with_the_own_messages(office: Office) -> None:
    """An account that is no operator sees its own messages and none of another."""
    mine = office.accept("dana", "+447700900222", "my own text")
    theirs = office.accept("fish", "+447700900333", "a secret of fish")
    dana = office.browser("dana")
    assert dana.get("/").headers["Location"] == "/messages"
    body = dana.get("/messages").body
    assert "my own text" in body
    assert "secret" not in body
    assert "+447700900333" not in body
    assert dana.get(f"/messages/{mine}").status == 200
    assert "a secret" not in dana.get("/messages?account=fish").body
    hidden = dana.get(f"/messages/{theirs}")
    missing = dana.get("/messages/4711")
    assert (hidden.status, hidden.body) == (missing.status, missing.body)


@pytest.mark.parametrize("path", ["/status", "/uncertain", "/accounts", "/alarms"])
def test_pages_of_operators_are_not_there_for_others(office: Office, path: str) -> None:
    """As if they did not exist."""
    assert office.browser("dana").get(path).status == 404


def test_an_operator_sees_all_messages_and_the_texts_only_where_that_is_allowed(office: Office) -> None:
    """web.show_text decides; the owner always reads."""
    message_id = office.accept("dana", "+447700900222", "a private text")
    operator = office.browser("harbour")
    for path in ("/messages", f"/messages/{message_id}"):
        body = operator.get(path).body
        assert "+447700900222" in body
        assert "private text" not in body
        assert "not shown" in body
    assert "private text" in reading_all(office).browser("harbour").get("/messages").body


def test_an_operator_who_may_not_read_may_not_search_texts_either(office: Office) -> None:
    """A search that finds or does not find would read it out letter by letter."""
    office.accept("dana", "+447700900222", "a private text")
    operator = office.browser("harbour")
    assert 'name="text"' not in operator.get("/messages").body
    assert "+447700900222" in operator.get("/messages?text=nothing-like-it").body


def test_messages_are_found_by_number_sender_text_and_state(office: Office) -> None:
    """Each field narrows; the form keeps what was typed."""
    first = office.accept("dana", "+447700900222", "Fish <b>moved</b>")
    second = office.accept("fish", "+447700900333", "Tide at noon")
    operator = reading_all(office).browser("harbour")

    def found(query: str) -> list[int]:
        body = operator.get(f"/messages?{query}").body
        return [each for each in (first, second) if f'href="/messages/{each}"' in body]

    assert found("") == [first, second]
    assert found("number=07700+900222") == [first]
    assert found("account=fish") == [second]
    assert found("text=TIDE") == [second]
    assert found("state=waiting") == [first, second]
    assert found("state=delivered") == []
    assert found("state=nonsense") == [first, second]
    assert 'value="07700 900222"' in operator.get("/messages?number=07700+900222").body


def test_what_people_wrote_is_text_and_never_markup(office: Office) -> None:
    """Also in names, numbers and errors."""
    message_id = office.accept("dana", "+447700900222", "<script>alert(1)</script>")
    dana = office.browser("dana")
    for path in ("/messages", f"/messages/{message_id}", "/messages?number=%22%3E%3Cscript%3E"):
        body = dana.get(path).body
        assert "<script" not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in dana.get("/messages").body


def test_pages_lead_back_through_the_history(office: Office) -> None:
    """Older and newest, with what was searched for."""
    for number in range(60):
        office.accept("dana", "+447700900222", f"text {number}")
    dana = office.browser("dana")
    body = dana.get("/messages?state=waiting").body
    assert "text 59" in body
    assert "text 9<" not in body
    assert "before=11" in body
    older = dana.get("/messages?state=waiting&before=11").body
    assert "text 9" in older
    assert 'rel="next"' not in older


def test_one_message_tells_its_life(office: Office) -> None:
    """Text, events, segments with their reports."""
    message_id = office.doubt("dana", "+447700900222", "Did it arrive?")
    body = office.browser("dana").get(f"/messages/{message_id}").body
    for words in ("Did it arrive?", "taken by front", "no answer within 180 s", "a person decides", "1 of 1"):
        assert words in body


def test_an_operator_sends_an_uncertain_message_again(office: Office) -> None:
    """From the list of doubts; who did it is on record and the page says what happened."""
    message_id = office.doubt("dana", "+447700900222", "Did it arrive?")
    operator = office.browser("harbour")
    answer = operator.click("/uncertain", f"/messages/{message_id}/resend")
    assert (answer.status, answer.headers["Location"]) == (303, "/uncertain")
    after = operator.get("/uncertain").body
    assert f"Message {message_id} will be sent again; it may arrive twice." in after
    assert "No message is in doubt." in after
    assert "will be sent again" not in operator.get("/uncertain").body
    (act,) = office.store.audit.newest()
    assert (act.by, act.action) == ("harbour", "resend")
    assert "resend" in operator.get("/alarms").body


@pytest.mark.parametrize(("act", "state"), [("sent", State.SUBMITTED), ("give-up", State.FAILED)])
def test_an_operator_settles_a_doubt(office: Office, act: str, state: State) -> None:
    """It arrived, or it is given up."""
    message_id = office.doubt("dana", "+447700900222", "Did it arrive?")
    office.browser("harbour").click(f"/messages/{message_id}", f"/messages/{message_id}/{act}")
    message = office.store.history.message(message_id)
    assert message is not None
    assert message.state is state


def test_an_operator_holds_releases_and_cancels(office: Office) -> None:
    """The buttons are those that fit the message now."""
    message_id = office.accept("dana", "+447700900222", "text")
    operator = office.browser("harbour")
    page = f"/messages/{message_id}"
    operator.click(page, f"{page}/hold")
    assert "held by harbour" in operator.get(page).body
    operator.click(page, f"{page}/release")
    operator.click(page, f"{page}/cancel")
    assert f"Message {message_id} is cancelled." in operator.get(page).body
    assert "<button>" not in operator.get(page).body.partition("<main")[2]


def test_an_owner_may_cancel_a_message_and_nothing_else(office: Office) -> None:
    """Not hold it, not decide about doubts."""
    queued = office.accept("dana", "+447700900222", "text")
    dana = office.browser("dana")
    assert "/hold" not in dana.get(f"/messages/{queued}").body
    dana.click(f"/messages/{queued}", f"/messages/{queued}/cancel")
    message = office.store.history.message(queued)
    assert message is not None
    assert message.state is State.CANCELLED
    doubtful = office.doubt("dana", "+447700900222", "doubt")
    shown = dana.get("/messages").body
    token = shown.partition('name="csrf" value="')[2].partition('"')[0]
    dana.ask("POST", f"/messages/{doubtful}/resend", {"csrf": token})
    message = office.store.history.message(doubtful)
    assert message is not None
    assert message.state is State.UNCERTAIN


def test_somebody_else_was_faster(office: Office) -> None:
    """A button of an old page gets a sentence, and nothing is done twice."""
    message_id = office.accept("dana", "+447700900222", "text")
    operator = office.browser("harbour")
    page = operator.get(f"/messages/{message_id}").body
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    office.store.desk.cancel(message_id, "somebody")
    operator.ask("POST", f"/messages/{message_id}/hold", {"csrf": token})
    assert f"Message {message_id} is cancelled: that cannot be done" in operator.get("/messages").body


def test_accounts_and_alarms_have_their_pages(office: Office) -> None:
    """Limits in words; what is wrong and what was told."""
    office.store.alarms.alarm("health:disk:", "Disk nearly full", "Only 400 MB are free.")
    office.store.alarms.alarm("health:power:front", "The stick drops off", "")
    operator = office.browser("harbour")
    assert "sms<wbr>.harbour<wbr>.example" in operator.get("/status").body
    page = "".join(operator.get("/accounts").body.split())
    assert "harbour@harbour.example" in page
    assert 'data-label="Today">12of200<metermin="0"max="200"high="180"value="12">' in page
    assert 'data-label="Thismonth">1,612</td>' in page
    alarms = operator.get("/alarms").body
    assert "Disk nearly full" in alarms
    assert alarms.count("It is gone for now") == 1  # the stick; the disk is still full


def test_the_search_for_a_text_goes_on_where_it_stopped(office: Office) -> None:
    """A page that found nothing says how far it looked and leads on."""
    with office.store.database.transaction() as connection:
        connection.execute(
            "INSERT INTO submission (id, account, door, client, source_type, source, fingerprint, accepted_at)"
            " VALUES (1, 'dana', 'oms', '', '', '', x'00', 0)"
        )
        connection.executemany(
            "INSERT INTO message (submission_id, account, recipient, text, state, accepted_at, not_before, expires_at,"
            " due_at, updated_at) VALUES (1, 'dana', '+447700900222', ?, 'delivered', 0, 0, 0, 0, 0)",
            (("needle" if n == 0 else "hay",) for n in range(20_010)),
        )
    dana = office.browser("dana")
    body = dana.get("/messages?text=needle").body
    assert "Nothing like that since" in body
    assert "Look further back" in body
    assert "needle</td>" not in body


def test_a_store_in_trouble_is_said_in_words(office: Office) -> None:
    """A page that cannot be made is no empty page, and its reader is not told the insides."""
    browser = office.browser("dana")
    office.store.close()
    answer = browser.get("/messages")
    assert answer.status == 503
    assert "cannot read its messages now. Try again in a minute" in answer.body
    assert "closed" not in answer.body


def test_accounts_that_cannot_be_read_are_said_in_a_page(office: Office) -> None:
    """As when the store cannot be read: try again, and the log says why."""

    def unreadable(_name: str) -> Account | None:
        raise AccountError("accounts.json is no account file")

    application = WebApplication(replace(office.house, account=unreadable))
    answer = Browser(application).sign_in("dana")
    assert answer.status == 503
    assert "Try again in a minute" in answer.body
