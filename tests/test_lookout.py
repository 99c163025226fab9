"""The running service shows itself, tells people and does its chores."""

import base64
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest

from omsmodem.accounts import Account
from omsmodem.app import Application
from omsmodem.message import NoticeKind, State
from omsmodem.modem.discovery import RESTLESS_COUNT
from omsmodem.store.backup import backups
from tests.cli.conftest import PASSWORD, Home, home, provisioned, serving

__all__ = ["home", "provisioned", "serving"]  # fixtures

Serving = Callable[[], Application]


def get(application: Application, home: Home, path: str, **headers: str) -> tuple[int, str]:
    context = ssl.create_default_context(cafile=str(home.directory / "tls" / "ca.crt"))
    request = urllib.request.Request(f"https://localhost:{application.https.port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, context=context, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_monitors_are_answered_on_the_https_port(home: Home, serving: Serving) -> None:
    """A modem that has been absent for a moment is no alarm yet; the numbers say it at once."""
    application = serving()
    assert get(application, home, "/healthz") == (200, "ok\n")
    status, text = get(application, home, "/metrics")
    assert status == 200
    assert 'omsmodem_modem_ready{modem="modem1"} 0.0' in text
    assert 'omsmodem_messages{state="queued"} 0.0' in text


def test_the_numbers_are_for_operators_elsewhere(home: Home, serving: Serving) -> None:
    """With no address allowed, an operator signs in and others may not."""
    home.configure("metrics:\n  allow_from: []\n")
    application = serving()
    application.accounts.add(Account("harbour", operator=True), "a password for harbour")

    def status(name: str, password: str) -> int:
        token = base64.b64encode(f"{name}:{password}".encode()).decode()
        return get(application, home, "/metrics", Authorization=f"Basic {token}")[0]

    assert get(application, home, "/metrics")[0] == 401
    assert status("harbour", "a password for harbour") == 200
    assert status("harbour", "wrong") == 401
    assert status("dana", PASSWORD) == 401


def test_pages_and_numbers_can_be_switched_off(home: Home, serving: Serving) -> None:
    """What is not wanted is not there."""
    home.configure("metrics:\n  enabled: false\nweb:\n  enabled: false\n")
    application = serving()
    assert get(application, home, "/metrics")[0] == 404
    assert get(application, home, "/signin")[0] == 404
    assert get(application, home, "/healthz")[0] == 200


def test_the_first_round_makes_a_backup(home: Home, serving: Serving) -> None:
    """With the accounts beside it; the next round makes no other."""
    application = serving()
    for _ in range(2):
        application.lookout.caretaker.look_around()
    (made,) = backups(home.directory / "backup")
    assert made.with_name(f"{made.stem}.accounts.json").exists()


def test_an_alarm_without_mail_is_texted_through_the_gate(home: Home, serving: Serving) -> None:
    """As a message of the first operator, to whoever is named."""
    home.configure("alarms:\n  sms_to: ['+447700900999']\n  disk_free_mb: 999999999\n")
    application = serving()
    application.accounts.add(Account("harbour", operator=True), "a password for harbour")
    for _ in range(3):
        application.lookout.caretaker.look_around()
    (message,) = application.store.history.messages()
    assert (message.account, message.recipient, message.state) == ("harbour", "+447700900999", State.QUEUED)
    assert message.text.startswith("omsmodem: Only ")
    assert [alarm.key for alarm in application.store.alarms.active()] == ["health:disk:"]


def test_unreadable_accounts_keep_no_chore_from_being_done(home: Home, serving: Serving) -> None:
    """The alarm cannot be texted in anybody's name; the backup is made in the same round, and nobody is an operator."""
    home.configure("alarms:\n  sms_to: ['+447700900999']\n  disk_free_mb: 999999999\nmetrics:\n  allow_from: []\n")
    application = serving()
    (home.directory / "accounts.json").write_text("[]")
    application.lookout.caretaker.look_around()
    assert len(backups(home.directory / "backup")) == 1
    token = base64.b64encode(b"dana:" + PASSWORD.encode()).decode()
    assert get(application, home, "/metrics", Authorization=f"Basic {token}")[0] == 401


def test_pain_09_a_stick_that_comes_and_goes_is_an_alarm(home: Home, serving: Serving) -> None:
    """Too little power: seen where the port is opened, told by mail and on the alarms page, with what helps."""
    application = serving()
    (finds,) = application.fleet._finders
    finds._appearances.extend([time.monotonic()] * RESTLESS_COUNT)
    application.lookout.caretaker.look_around()
    alarms = {alarm.key: alarm.text for alarm in application.store.alarms.active()}
    assert "powered USB hub" in alarms["health:power:modem1"]
    (mail,) = (mail for mail in application.store.overview.alarm_mails() if "bus" in mail.subject)
    assert mail.kind is NoticeKind.ALARM


def test_without_an_operator_nobody_pays_for_a_text(
    home: Home, serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says whom to name."""
    home.configure("alarms:\n  sms_to: ['+447700900999']\n  disk_free_mb: 999999999\n")
    application = serving()
    application.lookout.caretaker.look_around()
    assert application.store.history.messages() == []
    assert "alarms.sms_account" in caplog.text


def test_refusals_of_known_accounts_are_counted(home: Home, serving: Serving) -> None:
    """Those of strangers are not: anybody could make the store write."""
    application = serving()
    home.run("send", "--account", "dana", "--to", "12", "text")
    home.run("send", "--account", "nobody", "--to", "07700 900222", "text")
    assert application.lookout.condition().facts.today.refused == 1
