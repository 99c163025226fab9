"""The door for scripts on the real process: a monitor sends, the phone answers, the monitor reads."""

import json
import signal
import urllib.error
import urllib.request
from typing import Any

from omsmodem.modem.simulator.control import ask
from tests.acceptance.conftest import Office, wait_until

PHONE = "+447700900222"


def call(office: Office, token: str, path: str, value: Any = None) -> tuple[int, Any]:
    """Status and document of one request; a POST where there is a value."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": "alert-4711"}
    body = json.dumps(value).encode() if value is not None else None
    request = urllib.request.Request(f"https://localhost:{office.port}/api/v1{path}", body, headers)
    try:
        with urllib.request.urlopen(request, context=office.tls(), timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_monitor_sends_and_reads_what_came_back(office: Office) -> None:
    """201 and the text on the phone; after kill -9 and a restart the same key gives the same answer and no second text."""
    office.config.write_text(office.config.read_text() + "\nrest:\n  enabled: true\n")
    options = ("--scope", "send", "--scope", "read", "--scope", "incoming")
    token = office.told("token", "add", "dana", "monitor", *options).strip()
    control = office.home / "simulator.sock"
    office.plug_in("--air-time", "0", "--report-delay", "0.05", "--control", str(control))
    office.serve()
    assert call(office, "omsmodem_1_" + "A" * 43, "/status")[0] == 401
    wanted = {"to": PHONE, "text": "Disk full on quay-2"}
    first = call(office, token, "/messages", wanted)
    assert first[0] == 201
    office.end(signal.SIGKILL)
    office.serve()
    assert call(office, token, "/messages", wanted) == first
    message_id = first[1]["messages"][0]["id"]
    assert wait_until(lambda: call(office, token, f"/messages/{message_id}")[1]["state"] == "delivered")
    assert [got["phone"] for got in office.phones()] == [PHONE]
    ask(control, {"do": "send", "from": PHONE, "text": "On my way"})
    (came,) = wait_until(lambda: call(office, token, "/incoming")[1]["incoming"])
    assert (came["text"], came["from"]) == ("On my way", PHONE)
    assert call(office, token, "/status")[1]["modems"][0]["state"] == "ready"
