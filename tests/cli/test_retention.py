"""purge, export, erase and audit as a person runs them."""

import json

from tests.cli.conftest import Home
from tests.cli.test_inbox import PHONE, receive


def cancelled(home: Home, number: str, text: str) -> int:
    message_id = int(home.run("send", "--account", "dana", "--to", number, text).stdout.split()[0])
    home.run("queue", "cancel", str(message_id), "--by", "dana")
    return message_id


def test_export_prints_what_is_known_of_a_number(home: Home) -> None:
    """One JSON object a line."""
    cancelled(home, "07700 900222", "for her")
    cancelled(home, "07700 900333", "for him")
    home.run("optout", "add", "07700 900222")
    message, wish = map(json.loads, home.run("export", "--number", "+44 7700 900222").stdout.splitlines())
    assert {"direction": "out", "to": "+447700900222", "text": "for her"}.items() <= message.items()
    assert wish["kind"] == "opt-out"


def test_export_leaves_nothing_out_of_what_came(home: Home) -> None:
    """Whom a text went to and why, over which modem, its octets where it has no text: all that is kept."""
    store = home.store()
    receive(store, "Can't make 15:30")
    store.close()
    (came,) = map(json.loads, home.run("export", "--number", PHONE).stdout.splitlines())
    (listed,) = map(json.loads, home.run("inbox", "--json").stdout.splitlines())
    assert came == {"direction": "in", **listed}


def test_erase_asks_names_the_numbers_and_says_what_stays(home: Home) -> None:
    """What waits must be cancelled first."""
    cancelled(home, "07700 900222", "for her")
    home.run("send", "--account", "dana", "--to", "07700 900222", "waits")
    assert home.run("erase", "--number", "07700900222", stdin="n\n").exit_code == 1
    result = home.run("erase", "--number", "07700900222", stdin="y\n")
    assert "Delete 2 messages of +447700900222?" in result.stdout
    assert "erased 1 message" in result.stdout
    assert result.exit_code == 1
    assert "1 message not settled" in result.stderr


def test_too_few_digits_are_a_mistake(home: Home) -> None:
    """They would mean many people."""
    assert home.run("erase", "--number", "22", "--yes").exit_code == 2


def test_purge_says_what_went(home: Home) -> None:
    """Nothing yet, with the days of the configuration."""
    cancelled(home, "07700 900222", "for her")
    assert home.run("purge").stdout == "erased 0 texts, 0 records\n"


def test_audit_lists_who_did_what(home: Home) -> None:
    """For people and for scripts."""
    message_id = cancelled(home, "07700 900222", "for her")
    assert f"dana\tcancel\tmessage {message_id}" in home.run("audit").stdout
    (act,) = [json.loads(line) for line in home.run("audit", "--json").stdout.splitlines()]
    assert (act["by"], act["action"], act["subject"]) == ("dana", "cancel", f"message {message_id}")
