"""One screen that says how the service is, for people and for monitors."""

import json
from collections.abc import Callable

import pytest

from omsmodem.app import Application
from tests.cli.conftest import Home


def test_a_service_that_does_not_run_is_critical_in_the_first_line(home: Home) -> None:
    """Monitors show the first line and go by the exit code."""
    result = home.run("status")
    assert result.exit_code == 2
    assert result.output.splitlines()[0].startswith("omsmodem 0.1.0  CRITICAL  The service does not run")
    assert f"→ omsmodem serve --config {home.config}" in result.output  # it is no service of the machine


def test_the_screen_names_modem_queue_day_certificate(home: Home, serving: Callable[[], Application]) -> None:
    """What an operator looks for has a line of its own."""
    serving()
    home.run("send", "--account", "dana", "--to", "07700 900222", "a text")
    result = home.run("status")
    lines = {line.split()[0]: line for line in result.output.splitlines() if line.strip()}
    assert "running" in lines["SERVICE"]
    assert "modem1  absent" in lines["MODEM"]
    assert "recovery: reopen " in lines["MODEM"]
    assert "waiting 1 (oldest" in lines["QUEUE"]
    assert "waits because modem modem1 is absent" in lines["QUEUE"]
    assert "accepted 1" in lines["TODAY"]
    assert "localhost  valid to" in lines["CERT"]


def test_json_has_what_scripts_read(home: Home, serving: Callable[[], Application]) -> None:
    """`running`, `modems` and `ledger` stay where they are; level and findings say the rest."""
    serving()
    facts = json.loads(home.run("status", "--json").output)
    assert facts["running"] is True
    (modem,) = facts["modems"]
    assert modem["name"] == "modem1"
    assert modem["steps"]["reopen"] >= 1
    assert facts["ledger"]["queued"] == 0
    assert facts["level"] in {"ok", "warn", "fail"}
    assert all({"rule", "level", "sentence", "remedy", "subject"} == set(finding) for finding in facts["findings"])


def test_watching_draws_again_until_interrupted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends it with the last level as exit code."""
    pauses: list[float] = []

    def interrupted_the_second_time(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupted_the_second_time)
    result = home.run("status", "--watch")
    assert result.output.count("LEDGER") == 2
    assert result.exit_code == 2


def test_a_store_that_cannot_be_read_is_critical(home: Home) -> None:
    """A damaged queue is never shown as an empty one."""
    (home.directory / "omsmodem.db").write_bytes(b"this is no database, and long enough to be looked at" * 100)
    result = home.run("status")
    assert result.exit_code == 2
    assert "damaged" in result.output
