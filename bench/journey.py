"""One message from TLS to Ctrl-Z: what each stage costs, one after another in one thread, nobody else at work.

Each stage is done by the parts of the service that do it, many times over, with another text each time. The sum is
compared with the whole way measured from outside (`latency`): what is missing there are threads waking each other up.
"""

import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

from bench import Row
from bench._load import MARK
from bench._office import PASSWORD, office
from bench.https import deliver_xms, load, service_info
from omsmodem.accounts import Account, Accounts
from omsmodem.intake.gate import Intake
from omsmodem.intake.limits import Limits
from omsmodem.logs import LineFormatter
from omsmodem.message import Door, Submission
from omsmodem.numbers import NumberPolicy
from omsmodem.sms import segment
from omsmodem.soap import envelope, oms
from omsmodem.soap.errors import OK
from omsmodem.store import Store, open_store

NAME = "Journey: one message from TLS to Ctrl-Z, stage by stage"
ROUNDS = 300
TO = "+447700900222"
SOURCE = "192.0.2.7"


def run() -> list[Row]:
    """The stages in their order, and their sum."""
    with tempfile.TemporaryDirectory(prefix="omsmodem-bench-") as directory:
        home = Path(directory)
        store = open_store(home / "omsmodem.db", lambda: datetime.now(UTC))
        accounts = Accounts(home / "accounts.json")
        accounts.add(Account("dana"), PASSWORD)
        gate = Intake(accounts, store.accepting, numbers=NumberPolicy(country="GB"), limits=Limits())
        try:
            stages = [_http(), *_reading(), *_gate(gate, accounts), _answer(), _logging(), *_worker(store)]
        finally:
            store.close()
    total = Row(
        "the sum", sum(row.value or 0.0 for row in stages), "µs", note="the whole way is in the table of latency"
    )
    return [*stages, total]


def _stage(name: str, work: Callable[[int], object], rounds: int = ROUNDS) -> Row:
    """The median of one stage's time, and its middle half."""
    times = []
    for number in range(rounds):
        started = time.perf_counter()
        work(number)
        times.append((time.perf_counter() - started) * 1e6)
    low, median, high = statistics.quantiles(times, n=4)
    return Row(name, median, "µs", spread=(low, high))


def _http() -> Row:
    """A GetServiceInfo from outside: TLS records, head and body, a worker woken, an envelope, an access line."""
    with office() as service:
        facts = load(service.port, str(service.authority), service_info(), 1, "kept")
    return Row("TLS, HTTP, a worker thread, and back (a GetServiceInfo)", facts["p50_ms"] * 1000, "µs")


def _document(number: int) -> bytes:
    return deliver_xms().replace(MARK, b"%08d" % number).partition(b"\r\n\r\n")[2]


def _reading() -> list[Row]:
    bodies = [_document(number) for number in range(ROUNDS)]
    parameter = unescape(envelope.read(bodies[0], None).parameter or "")
    return [
        _stage("the envelope (lxml)", lambda n: envelope.read(bodies[n], None)),
        _stage("the document within (lxml)", lambda _: oms.parse_data(parameter)),
    ]


def _gate(gate: Intake, accounts: Accounts) -> list[Row]:
    accounts.verify("dana", PASSWORD, SOURCE)  # the one argon2id of a client's first call

    def submit(number: int) -> object:
        text = f"Fish at 15:30, {number:08}"
        return gate.submit(Submission("dana", Door.OMS, (TO,), (text,), source=SOURCE), PASSWORD)

    identify = _stage("password, remembered", lambda _: gate.identify("dana", PASSWORD, SOURCE))
    whole = _stage("password again, number, limits, fingerprint, and the commit (law 1)", submit)
    return [identify, whole]


def _answer() -> Row:
    call = envelope.Call("DeliverXms", None)
    return _stage("the answer", lambda _: envelope.write(call, oms.write_response((OK,))))


def _logging() -> Row:
    log = logging.getLogger("bench.journey")
    log.propagate, log.level = False, logging.INFO
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        handler = logging.StreamHandler(nowhere)
        handler.setFormatter(LineFormatter(journal=True))
        log.addHandler(handler)
        return _stage("a line in the log", lambda n: log.info("message account=%r from=%s: %s", "dana", SOURCE, n))


def _worker(store: Store) -> list[Row]:
    """What the modem's worker does for a message of one segment until Ctrl-Z; the accepted ones of the gate are its queue."""
    taken = []

    def cut(_message: object, reference: int) -> tuple[bytes, ...]:
        return segment.cut("Fish at 15:30, 00000000", TO, reference, validity=timedelta(hours=48))

    def take(_: int) -> None:
        with store.outbox.at_once():
            mine = store.outbox.take("modem1", cut)
            assert mine is not None
            taken.append(mine.message.id)
            store.outbox.mark_in_flight(mine.message.id, 1, "modem1")

    tpdu = segment.cut("Fish at 15:30, 00000000", TO, 1)[0]
    return [
        _stage("the worker takes it, cuts it, and writes down that it goes, in one commit (law 2)", take),
        _stage(
            "AT+CMGS and the TPDU in hexadecimal", lambda _: b"AT+CMGS=%d\r" % len(tpdu) + tpdu.hex().upper().encode()
        ),
    ]
