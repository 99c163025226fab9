"""Pages for people, and what they offer."""

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from omsmodem.message import AccountRequest
from omsmodem.soap.pages import Site, chosen_language, sign_up_page
from omsmodem.soap.signup import Download, Pace, SignUpApplication, Tokens
from omsmodem.wording import LANGUAGES
from tests.soap.office import INFO, URI, ask

FORM = "application/x-www-form-urlencoded"


class Book:
    """Where requests for accounts go."""

    def __init__(self, *, full: bool = False) -> None:
        self.full = full
        self.asked: list[AccountRequest] = []

    def ask(self, request: AccountRequest) -> bool:
        if not self.full:
            self.asked.append(request)
        return not self.full


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("lc=1031", "en", "de"),
        ("src=O14&lc=3079", "", "de"),
        ("lc=1033", "de", "en"),
        ("lc=2052", "de", "en"),
        ("lc=x", "de-AT,de;q=0.9,en;q=0.5", "de"),
        ("lc=", "fr, en-GB;q=0.8, de;q=0.3", "en"),
        ("", "fr;q=1, de;q=0.2", "de"),
        ("", "fr", "en"),
        ("", "de;q=x, en;q=0.1", "en"),
        ("", "", "en"),
        ("lc=٣", "", "en"),
        ("lc=99999999999999999999", "", "en"),
    ],
)
def test_the_language_is_outlooks_then_the_browsers_then_the_services(query: str, accepted: str, language: str) -> None:
    """`lc` is a Windows language number; whatever else is asked for is ignored."""
    assert chosen_language(query, accepted, "en") == language


@pytest.mark.parametrize("lc", ["1031", "1033"])
@pytest.mark.parametrize("offers", [False, True])
def test_the_sign_up_page_says_what_to_type(tmp_path: Path, lc: str, offers: bool) -> None:
    """Address, Outlook 2007 and 2010, SharePoint, and certificate and kit where they exist."""
    authority, kit = tmp_path / "ca.cer", tmp_path / "kit.zip"
    if offers:
        authority.write_bytes(b"ca")
        kit.write_bytes(b"kit")
    info = replace(INFO, local_name="Harbour's <SMS>")
    site = Site(info, contact="Dana, room 4", authority=authority, kit=kit)
    answer = ask(SignUpApplication(site), "GET", QUERY_STRING=f"lc={lc}&src=O14&unknown=%3Cscript%3E")
    page = html.fromstring(answer.text)
    words = page.text_content()
    assert page.get("lang") == {"1031": "de", "1033": "en"}[lc]
    for expected in (
        URI,
        "Outlook 2007",
        "Outlook 2010",
        "Outlook 2013",
        "Set-SPMobileMessagingAccount",
        "Dana, room 4",
    ):
        assert expected in words
    assert "-ServiceName 'Harbour''s <SMS>'" in words
    links = {link for _, attribute, link, _ in page.iterlinks() if attribute == "href"}
    assert {"/oms/ca.cer", "/oms/windows-kit.zip"} & links == (
        {"/oms/ca.cer", "/oms/windows-kit.zip"} if offers else set()
    )
    assert f"oms://{URI}" in links
    assert page.findall(".//form") == []


@pytest.mark.parametrize("page", ["address", "signup", "asked"])
def test_pages_need_no_script_and_nothing_from_elsewhere(page: str) -> None:
    """One style, named by its hash in the policy; both languages hold the same elements."""
    site = Site(INFO, registration=True)
    shapes = []
    for language in LANGUAGES:
        answer = site.answer(page, {"HTTP_ACCEPT_LANGUAGE": language}, token="t", outcome="recorded", mail="m")
        headers = dict(answer.headers)
        assert "default-src 'none'; style-src 'sha256-" in headers["Content-Security-Policy"]
        tree = html.fromstring(answer.body.decode())
        assert not list(tree.iter("script", "img", "link", "iframe"))
        assert [element for element in tree.iter() if isinstance(element.tag, str) and element.get("style")] == []
        assert len(tree.findall(".//style")) == 1
        shapes.append([element.tag for element in tree.iter()])
    assert shapes[0] == shapes[1]


def test_the_sign_up_page_is_on_the_services_host() -> None:
    """Its address is derived from the one people type."""
    assert sign_up_page("https://sms.harbour.example:8443/x/y.asmx") == "https://sms.harbour.example:8443/oms/signup"


def test_a_download_follows_its_file(tmp_path: Path) -> None:
    """It is there when the file is, as the file is now, with the type Windows knows."""
    download = Download(tmp_path / "ca.cer", "office-ca.cer", "application/x-x509-ca-cert")
    assert ask(download, "GET").status == 404
    (tmp_path / "ca.cer").write_bytes(b"first")
    assert ask(download, "GET").body == b"first"
    (tmp_path / "ca.cer").write_bytes(b"second")
    answer = ask(download, "GET")
    assert answer.body == b"second"
    assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="office-ca.cer"'
    assert ask(download, "HEAD").body == b""
    assert ask(download).status == 405
    (tmp_path / "ca.cer").write_bytes(b"x" * (4 * 1024 * 1024 + 1))
    assert ask(download, "GET").status == 404


# -- asking for an account ------------------------------------------------------------------------------------------------


def test_nobody_registers_unless_the_operator_lets_people_ask() -> None:
    """Without the switch there is no form, and a POST is not understood."""
    application = SignUpApplication(Site(INFO))
    assert "<form" not in ask(application, "GET").text
    answer = ask(application, body=b"name=x", CONTENT_TYPE=FORM)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


def _opened(application: SignUpApplication) -> tuple[str, str]:
    """Cookie and token of a form that was opened."""
    answer = ask(application, "GET")
    cookie = answer.headers["Set-Cookie"]
    assert cookie is not None
    assert {"Secure", "HttpOnly", "SameSite=Strict"} <= {part.strip() for part in cookie.split(";")}
    return cookie.split(";")[0], html.fromstring(answer.text).xpath("//input[@name='token']/@value")[0]


def _send(application: SignUpApplication, cookie: str, token: str, fields: str, **more: str) -> tuple[int, str]:
    body = f"token={token}&{fields}".encode()
    answer = ask(application, body=body, CONTENT_TYPE=FORM, HTTP_COOKIE=cookie, **more)
    return answer.status, answer.text


FIELDS = "name=Erin%0d%0aX%1b[2J&mail=erin@harbour.example&phone=%2B447700900123"


def test_a_request_is_recorded_for_the_operator() -> None:
    """What people type is kept on one line, without what a terminal would obey."""
    book = Book()
    application = SignUpApplication(Site(INFO, registration=True), book)
    status, page = _send(application, *_opened(application), FIELDS)
    assert status == 200
    assert "Thank you" in page
    assert book.asked == [AccountRequest("Erin X[2J", "erin@harbour.example", "+447700900123", "192.0.2.7")]


def test_a_form_of_another_site_records_nothing() -> None:
    """Cookie and token belong together, come from us and are not too old."""
    now = [1_000_000.0]
    book = Book()
    site = Site(INFO, registration=True)
    application = SignUpApplication(site, book, tokens=Tokens(lambda: now[0]))
    cookie, token = _opened(application)
    other, _ = _opened(application)
    for bad_cookie, bad_token in (
        (other, token),
        (cookie, "é"),
        ("", token),
        ("omsmodem_form=", token),
        ("\x00=;", token),
    ):
        assert _send(application, bad_cookie, bad_token, FIELDS)[0] == 400
    assert _send(application, cookie, token, "name=Erin&mail=nowhere")[0] == 400
    now[0] += 7200
    assert _send(application, cookie, token, FIELDS)[0] == 400
    assert book.asked == []


def test_requests_are_paced_and_bounded() -> None:
    """Three an hour from one address, thirty from everybody, and none when the book is full."""
    now = [0.0]
    book = Book()
    site = Site(INFO, registration=True)
    application = SignUpApplication(site, book, pace=Pace(monotonic=lambda: now[0]))
    opened = _opened(application)
    assert [_send(application, *opened, FIELDS)[0] for _ in range(4)] == [200, 200, 200, 429]
    others = [_send(application, *opened, FIELDS, REMOTE_ADDR=f"192.0.2.{n}")[0] for n in range(20, 50)]
    assert others.count(200) == 27
    now[0] += 3601
    assert _send(application, *opened, FIELDS)[0] == 200
    assert _send(SignUpApplication(site, Book(full=True)), *opened, FIELDS)[0] == 400
    full = SignUpApplication(site, Book(full=True))
    assert _send(full, *_opened(full), FIELDS)[0] == 429


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"name=\xff", FORM, 400),
        (b"&".join(b"a=b" for _ in range(30)), FORM, 400),
        (b"x" * 5000, FORM, 413),
    ],
)
def test_what_is_not_the_form_is_refused(body: bytes, content_type: str, status: int) -> None:
    """One line, as everywhere."""
    application = SignUpApplication(Site(INFO, registration=True), Book())
    assert ask(application, body=body, CONTENT_TYPE=content_type).status == status
