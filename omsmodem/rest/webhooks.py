"""Webhooks: each incoming message is posted to an address, signed, in order, until it is taken.

The form is that of Standard Webhooks: `webhook-id`, `webhook-timestamp` and `webhook-signature` (HMAC-SHA256 over
`id.timestamp.body`), so that a receiver can check with a library. The store says how far a webhook has come; a receiver may
get a message twice, with the same `webhook-id`, where its answer was lost.
"""

import base64
import binascii
import hashlib
import hmac
import http.client
import json
import logging
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from omsmodem.message import IncomingMessage
from omsmodem.rest import shapes
from omsmodem.store import Store
from omsmodem.store.errors import StoreClosed

_log = logging.getLogger(__name__)

_PREFIX = "whsec_"
_BATCH = 50
#: A clock that is set jumps past moments: they are looked at anew this often.
_LONGEST_WAIT_S = 600.0
_FAULT_PAUSE_S = 30.0


class NotTaken(Exception):
    """The receiver did not take a message; the words say why."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook. `account` empty: messages of every account, and nobody's."""

    name: str
    url: str
    secret: Callable[[], str]
    account: str = ""
    ca_file: Path | None = None
    retry: tuple[timedelta, ...] = (timedelta(minutes=1), timedelta(minutes=15))
    give_up: timedelta = timedelta(hours=120)
    timeout_s: float = 15.0


def signature(secret: str, identity: str, timestamp: int, body: bytes) -> str:
    """The signature of a message by a secret: `whsec_` and base64, or any other text as it is."""
    try:
        key = base64.b64decode(secret[len(_PREFIX) :], validate=True) if secret.startswith(_PREFIX) else secret.encode()
    except (binascii.Error, ValueError):
        key = secret.encode()
    mac = hmac.new(key, f"{identity}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


class Webhook:
    """Passes messages on in a thread of its own."""

    def __init__(self, hook: Hook, store: Store, clock: Callable[[], datetime]) -> None:
        self._hook = hook
        self._store = store
        self._clock = clock
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"webhook-{hook.name}", daemon=True)

    def start(self) -> None:
        """Start the thread; the receiver may be down."""
        self._thread.start()

    def nudge(self) -> None:
        """Wake the thread: a message came. Any thread may call this."""
        self._wake.set()

    def stop(self) -> None:
        """End the thread, after the message in hand."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(self._hook.timeout_s + 5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                wait_s = self.work()
            except StoreClosed:
                return
            except Exception:  # noqa: BLE001 - a thread that dies silently is a fault nobody sees
                _log.exception("webhook %s: unexpected fault", self._hook.name)
                wait_s = _FAULT_PAUSE_S
            self._wake.wait(wait_s)

    def work(self) -> float:
        """Pass on what waits, in order; returns the seconds until there may be more to do."""
        while not self._stopping.is_set():
            progress = self._store.webhooks.progress(self._hook.name)
            if progress.retry_at is not None and progress.retry_at > self._clock():
                return min((progress.retry_at - self._clock()).total_seconds(), _LONGEST_WAIT_S)
            found = self._store.inbox.changes(progress.position, self._hook.account or None, _BATCH)
            if not found:
                return _LONGEST_WAIT_S
            for position, message in found:
                if self._stopping.is_set() or not self._pass_on(position, message):
                    break
        return 0.0

    def _pass_on(self, position: int, message: IncomingMessage) -> bool:
        """Post one message and remember what became of it; False when it was not taken."""
        name, webhooks = self._hook.name, self._store.webhooks
        try:
            self._post(position, message)
        except NotTaken as error:
            return self._failed(position, message, str(error))
        webhooks.passed(name, position)
        _log.info("webhook %s: in%d taken", name, message.id)
        return True

    def _failed(self, position: int, message: IncomingMessage, error: str) -> bool:
        name, hook, now = self._hook.name, self._hook, self._clock()
        progress = self._store.webhooks.progress(name)
        if progress.failing_since is not None and now - progress.failing_since >= hook.give_up:
            self._store.webhooks.passed(name, position)
            _log.error("webhook %s: in%d was given up: %s", name, message.id, error)
            text = f"{error}\n\nThe message is kept: omsmodem trace in{message.id}"
            self._store.alarms.report(f"webhook {name}", f"Webhook {name} did not take a message", text)
            return True
        pause = hook.retry[min(progress.attempts, len(hook.retry) - 1)]
        self._store.webhooks.failed(name, error, now + pause)
        _log.warning("webhook %s: in%d not taken: %s", name, message.id, error)
        return False

    def _post(self, position: int, message: IncomingMessage) -> None:
        """Hand one message over. Raises NotTaken."""
        now = self._clock()
        event = {"type": "incoming", "timestamp": now.isoformat(), "data": shapes.incoming(position, message)}
        body, identity, moment = json.dumps(event).encode(), f"in{message.id}-{position}", int(now.timestamp())
        try:
            signed = signature(self._hook.secret(), identity, moment, body)
            headers = {
                "Content-Type": "application/json",
                "User-Agent": "omsmodem",
                "webhook-id": identity,
                "webhook-timestamp": str(moment),
                "webhook-signature": signed,
            }
            status = self._exchange(body, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotTaken(" ".join(str(error).split())[:300] or type(error).__name__) from error
        if not 200 <= status <= 299:
            raise NotTaken(f"the receiver answered {status}")

    def _exchange(self, body: bytes, headers: dict[str, str]) -> int:
        """The status of one POST. Redirections are not followed: a signed message goes where the operator said."""
        url, timeout = urlsplit(self._hook.url), self._hook.timeout_s
        connection: http.client.HTTPConnection
        if url.scheme == "https":
            context = ssl.create_default_context(cafile=self._hook.ca_file)
            connection = http.client.HTTPSConnection(url.hostname or "", url.port, timeout=timeout, context=context)
        else:
            connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=timeout)
        try:
            target = (url.path or "/") + (f"?{url.query}" if url.query else "")
            connection.request("POST", target, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()
