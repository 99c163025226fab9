"""Who may, with which token; and what comes of requests that are none."""

import pytest
from click.testing import CliRunner

from omsmodem.accounts import Account
from omsmodem.cli import main
from tests.rest.conftest import TO, Office

BODY = {"to": TO, "text": "Disk full"}


@pytest.mark.parametrize("scope", ["send", "read", "incoming"])
def test_a_token_opens_what_its_scopes_say(office: Office, scope: str) -> None:
    """Each request needs one scope, and no other helps."""
    token = office.make_token("dana", scope)
    needed = {("POST", "/messages"): "send", ("GET", "/messages"): "read", ("GET", "/messages/1"): "read"}
    needed |= {("GET", "/status"): "read", ("GET", "/incoming"): "incoming"}
    for (method, path), wanted in needed.items():
        answer = office.ask(method, path, BODY if method == "POST" else None, token=token)
        assert (answer.status == 403) == (wanted != scope), path
        if wanted != scope:
            assert f'scope="{wanted}"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("token", ["", "x", "omsmodem_1_" + "A" * 43, "omsmodem_99_" + "A" * 43])
def test_a_wrong_token_is_401(office: Office, token: str) -> None:
    """An unknown number and a wrong secret look alike."""
    answer = office.ask("GET", "/status", token=token)
    assert (answer.status, answer.headers["WWW-Authenticate"][:6]) == (401, "Bearer")


def test_a_password_is_no_token(office: Office) -> None:
    """Basic authentication is not understood."""
    assert office.ask("GET", "/status", HTTP_AUTHORIZATION="Basic ZGFuYTp4").json["reason"] == "no_token"


def test_a_removed_token_and_a_switched_off_account_open_nothing(office: Office) -> None:
    """Both at once, without a restart."""
    token = office.make_token("fish")
    assert office.ask("GET", "/status", token=token).status == 200
    office.accounts.set("fish", "enabled", "off")
    assert office.ask("GET", "/status", token=token).json["reason"] == "account_disabled"
    office.accounts.set("fish", "enabled", "on")
    office.store.tokens.remove(int(token.split("_")[1]))
    assert office.ask("GET", "/status", token=token).status == 401


def test_an_account_that_may_not_send_cannot_send_here(office: Office) -> None:
    """The gate's rules hold for every door."""
    office.accounts.set("dana", "sms", "off")
    answer = office.ask("POST", "/messages", BODY)
    assert (answer.status, answer.json["reason"]) == (403, "not_registered")


def test_whoever_guesses_tokens_is_paused_and_right_ones_still_work(office: Office) -> None:
    """Too many different wrong tokens from one address are 429; the office behind it goes on."""
    statuses = [office.ask("GET", "/status", token=f"omsmodem_1_{n:043}").status for n in range(8)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert office.ask("GET", "/status").status == 200


def test_the_secret_is_not_in_the_store(office: Office) -> None:
    """Whoever reads the file gets no token out of it."""
    secret = office.token.split("_", 2)[2]
    assert secret.encode() not in b"".join(row.digest for row in office.store.tokens.all())
    assert secret.encode() not in office.store.database.path.read_bytes()


@pytest.mark.parametrize(
    ("method", "path", "environ", "status"),
    [
        ("PUT", "/messages", {}, 405),
        ("DELETE", "/messages/1", {}, 405),
        ("GET", "/nothing", {}, 404),
        ("GET", "/messages/", {}, 404),
        ("GET", "/messages/x", {}, 404),
        ("POST", "/messages", {"CONTENT_TYPE": "text/plain"}, 415),
        ("POST", "/messages", {"CONTENT_LENGTH": ""}, 411),
        ("POST", "/messages", {"CONTENT_LENGTH": "70000"}, 413),
        ("POST", "/messages", {"CONTENT_LENGTH": "60000"}, 400),
    ],
)
def test_requests_that_are_none(office: Office, method: str, path: str, environ: dict, status: int) -> None:
    """Each is answered with a problem document, and nothing is stored."""
    answer = office.ask(method, path, BODY, **environ)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json["status"] == status
    assert not office.store.history.messages()


def test_the_number_of_a_method_is_told(office: Office) -> None:
    """405 says what is allowed."""
    assert office.ask("PUT", "/messages").headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 5000, b'{"to": NaN}'])
def test_a_body_that_is_no_request(office: Office, body: bytes) -> None:
    """400 for what is no JSON, 422 for what has another shape."""
    assert office.ask("POST", "/messages", body).status in {400, 422}


def test_a_fault_of_the_store_is_503(office: Office) -> None:
    """Not now, and nothing was done."""
    office.store.close()
    assert office.ask("GET", "/messages").status == 503


def test_tokens_are_made_listed_and_removed_at_the_command_line(office: Office) -> None:
    """The secret is shown once; the list has none."""
    home = office.store.database.path.parent
    config = home / "config.yaml"
    config.write_text("service: {uri: 'https://sms.harbour.example/oms/service.asmx'}\n")

    def run(*words: str) -> str:
        result = CliRunner().invoke(main, ["token", words[0], "--config", str(config), *words[1:]])
        assert result.exit_code == 0, result.output
        return result.output

    made = run("add", "dana", "the monitor", "--scope", "read").splitlines()[0]
    assert office.ask("GET", "/status", token=made).status == 200
    assert made.split("_", 2)[2] not in run("list", "--json")
    run("remove", made.split("_")[1])
    assert office.ask("GET", "/status", token=made).status == 401


def test_a_token_does_not_outlive_its_account(office: Office) -> None:
    """Whoever gets the name later does not get the tokens of whoever had it before."""
    config = office.store.database.path.parent / "config.yaml"
    config.write_text("service: {uri: 'https://sms.harbour.example/oms/service.asmx'}\n")
    result = CliRunner().invoke(main, ["user", "remove", "--config", str(config), "Dana"])
    assert (result.exit_code, result.output) == (0, "removed Dana and 1 of its tokens\n")
    office.accounts._put(Account("dana"))
    assert office.ask("GET", "/status").status == 401
