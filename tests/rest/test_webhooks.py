"""Webhooks against a real receiver."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from omsmodem.message import NoticeKind
from omsmodem.rest import Hook, Webhook
from omsmodem.store.delivery import INCOMING
from tests.rest.conftest import Office

SECRET = "whsec_" + base64.b64encode(b"the harbour lights").decode()


@dataclass
class Receiver:
    """Takes what is posted, or answers as it is told."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    got: list[tuple[Message, bytes]] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)

    def texts(self) -> list[str]:
        return [json.loads(body)["data"]["text"] for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.got.append((self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(made.answers.pop(0) if made.answers else 204)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            made.came.set()

        def log_message(self, *_args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def webhook(office: Office, receiver: Receiver, **more: object) -> Webhook:
    hook = Hook("desk", f"http://127.0.0.1:{receiver.port}/texts?from=sms", lambda: SECRET, **more)
    made = Webhook(hook, office.store, lambda: office.time[0])
    made.work()  # it starts with what comes from now on
    return made


def test_a_message_is_posted_with_a_signature_that_holds(office: Office, receiver: Receiver) -> None:
    """The receiver can check who sent it and that nothing was changed, as Standard Webhooks has it."""
    office.receive("before dana had a webhook")
    hook = webhook(office, receiver, account="dana")
    for text in ("one for dana", "for nobody", "two for dana"):
        office.receive(text)
    hook.work()
    assert receiver.texts() == ["one for dana", "two for dana"]
    headers, body = receiver.got[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(b"the harbour lights", signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
    hook.work()
    assert len(receiver.got) == 2


def test_what_is_not_taken_is_tried_again_in_order(office: Office, receiver: Receiver) -> None:
    """A failure or a redirection holds the order, backs off, and survives a restart; the same message keeps its id."""
    first = webhook(office, receiver)
    receiver.answers = [500, 302]
    office.receive("one")
    office.receive("two")
    assert first.work() == pytest.approx(60)
    assert first.work() == pytest.approx(60)
    office.time[0] += timedelta(seconds=61)
    again = webhook(office, receiver)
    office.time[0] += timedelta(minutes=16)
    again.work()
    assert receiver.texts() == ["one", "one", "one", "two"]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 2


def test_a_message_that_is_never_taken_is_passed_over_with_an_alarm(office: Office, receiver: Receiver) -> None:
    """The ones behind it are not lost for its sake, and the operator is told."""
    hook = webhook(office, receiver, give_up=timedelta(hours=1))
    receiver.answers = [400, 400]
    office.receive("poison")
    office.receive("good")
    hook.work()
    office.time[0] += timedelta(hours=2)
    hook.work()
    assert receiver.texts() == ["poison", "poison", "good"]
    (alarm,) = [notice for notice in office.store.notices.due() if notice.kind is NoticeKind.ALARM]
    assert "desk" in alarm.subject


def test_a_receiver_that_is_down_is_waited_for(office: Office) -> None:
    """Nothing is lost, and the words say what is wrong."""
    hook = webhook(office, Receiver(port=1))
    office.receive("one")
    assert hook.work() > 0
    assert "refused" in office.store.webhooks.progress("desk").last_error


def test_the_thread_wakes_when_a_message_comes(office: Office, receiver: Receiver) -> None:
    """Nobody waits for the next look."""
    hook = webhook(office, receiver)
    office.store.database.listeners[INCOMING] = hook.nudge
    hook.start()
    try:
        office.receive("one")
        assert receiver.came.wait(30)
    finally:
        hook.stop()
    assert receiver.texts() == ["one"]
