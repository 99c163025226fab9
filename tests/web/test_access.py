"""Who gets in, who stays in, and what a hostile page can make a browser do: nothing."""

import re
from dataclasses import replace

import pytest

from omsmodem.web.http import FORM_OCTETS
from tests.web.conftest import HOST, PASSWORD, Browser, Office


def test_a_stranger_sees_the_sign_in_page_only(office: Office) -> None:
    """Every other path leads there, whether it exists or not."""
    stranger = office.browser()
    for path in ("/", "/status", "/messages", "/nowhere"):
        answer = stranger.get(path)
        assert (answer.status, answer.headers["Location"]) == (303, "/signin")
    assert "<h1>omsmodem</h1>" in stranger.get("/signin").body


def test_the_link_of_a_mail_leads_to_its_message_after_signing_in(office: Office) -> None:
    """Whether there is one or not; anywhere else nobody is led."""
    stranger = office.browser()
    assert stranger.get("/messages/17").headers["Location"] == "/signin?to=/messages/17"
    assert 'name="to" value="/messages/17"' in stranger.get("/signin?to=/messages/17").body
    for to, led in (("/messages/17", "/messages/17"), ("//evil.example", "/"), ("/messages/17/cancel", "/")):
        asked = {"name": "dana", "password": PASSWORD, "to": to}
        assert office.browser().ask("POST", "/signin", asked).headers["Location"] == led
    assert "evil" not in stranger.get("/signin?to=//evil.example").body


def test_a_wrong_password_says_no_more_than_that(office: Office) -> None:
    """The same sentence for a wrong name and a wrong password, and no cookie."""
    answers = [office.browser().sign_in("dana", "wrong"), office.browser().sign_in("nobody", PASSWORD)]
    assert {answer.status for answer in answers} == {403}
    assert all("The user name or the password is wrong, or" in answer.body for answer in answers)
    assert all("Set-Cookie" not in answer.headers for answer in answers)


def test_the_cookie_is_for_this_host_over_tls_and_not_for_scripts(office: Office) -> None:
    """Secure, HttpOnly, SameSite=Strict and bound to the host by its name."""
    answer = office.browser().sign_in("dana")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-omsmodem=")
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))


def test_signing_in_makes_a_new_cookie_and_signing_out_ends_it(office: Office) -> None:
    """No session can be fixed beforehand or used afterwards."""
    browser = office.browser("dana")
    first = browser.cookie
    browser.sign_in("dana")
    assert browser.cookie != first
    assert Browser(office.application, first).get("/messages").status == 303
    kept = browser.cookie
    assert browser.click("/messages", "/signout").headers["Location"] == "/signin"
    assert Browser(office.application, kept).get("/messages").status == 303


def test_an_idle_browser_is_signed_out(office: Office) -> None:
    """And a busy one too, in the end."""
    browser = office.browser("dana")
    office.time.monotonic_s += 1700
    assert browser.get("/messages").status == 200
    office.time.monotonic_s += 1900
    assert browser.get("/messages").status == 303
    browser = office.browser("dana")
    for _ in range(26):
        office.time.monotonic_s += 1700
        browser.get("/messages")
    assert browser.get("/messages").status == 303


@pytest.mark.parametrize("change", ["password", "enabled", "removed"])
def test_a_changed_account_ends_its_sessions(office: Office, change: str) -> None:
    """Whoever knows the old password is out at once."""
    browser = office.browser("dana")
    if change == "removed":
        del office.people["dana"]
    else:
        new = {"password_hash": "new"} if change == "password" else {"enabled": False}
        office.people["dana"] = replace(office.people["dana"], **new)
    assert browser.get("/messages").status == 303


def test_a_form_of_another_site_is_refused(office: Office) -> None:
    """By its origin, also where that is not told; the sign-in form included."""
    message_id = office.doubt("dana", "+447700900222", "text")
    operator = office.browser("harbour")
    for origin in ("https://evil.example", "null", "", f"http://{HOST}"):
        answer = operator.ask("POST", f"/messages/{message_id}/resend", {"csrf": "x"}, HTTP_ORIGIN=origin)
        assert answer.status == 403
        assert operator.ask("POST", "/signin", {"name": "dana", "password": PASSWORD}, HTTP_ORIGIN=origin).status == 403


def test_a_form_without_the_token_is_refused(office: Office) -> None:
    """The token belongs to the session; another session's does not do."""
    message_id = office.doubt("dana", "+447700900222", "text")
    operator = office.browser("harbour")
    for token in ("", "x", "ä"):
        answer = operator.ask("POST", f"/messages/{message_id}/resend", {"csrf": token})
        assert answer.status == 403
    message = office.store.history.message(message_id)
    assert message is not None
    assert message.state == "uncertain"


def test_every_answer_has_the_headers_that_keep_a_browser_safe(office: Office) -> None:
    """No script, no frame, no foreign content, no copy in a cache."""
    browser = office.browser("harbour")
    for path in ("/status", "/messages", "/nowhere"):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_no_page_needs_a_script_or_an_inline_style(office: Office) -> None:
    """What the policy forbids is not tried either."""
    message_id = office.doubt("dana", "+447700900222", "text")
    browser = office.browser("harbour")
    for path in ("/status", "/messages", f"/messages/{message_id}", "/incoming", "/uncertain", "/accounts", "/alarms"):
        answer = browser.get(path)
        assert answer.status == 200
        for unwanted in ("<script", "javascript:", " style=", " onclick", "http://", "//cdn"):
            assert unwanted not in answer.body


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"REQUEST_METHOD": "DELETE"}, 405),
        ({"CONTENT_LENGTH": str(FORM_OCTETS + 1)}, 413),
        ({"CONTENT_LENGTH": "many"}, 413),
        ({"CONTENT_TYPE": "text/xml"}, 415),
        ({"HTTP_COOKIE": '__Host-omsmodem="\\'}, 303),
    ],
)
def test_bad_requests_get_a_sentence(office: Office, environ: dict[str, str], status: int) -> None:
    """Never a traceback."""
    browser = office.browser("dana")
    answer = browser.ask("POST", "/signout", {"csrf": "x"}, **environ)
    assert answer.status == status
    assert "Traceback" not in answer.body


def test_head_is_a_get_without_body(office: Office) -> None:
    """As HTTP wants it (RFC 9110 §9.3.2)."""
    answer = office.browser("dana").ask("HEAD", "/messages")
    assert (answer.status, answer.body) == (200, "")


def test_the_style_sheet_is_kept_by_browsers_and_needs_no_sign_in(office: Office) -> None:
    """Its name changes with its content."""
    stranger = office.browser()
    path = re.search(r'href="(/style-[0-9a-f]+\.css)"', stranger.get("/signin").body)
    assert path is not None
    answer = stranger.get(path[1])
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "immutable" in answer.headers["Cache-Control"]
