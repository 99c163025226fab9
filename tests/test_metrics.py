"""Numbers for Prometheus, and one word for other monitors."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from omsmodem.facts import (
    CertificateFacts,
    Condition,
    DayFacts,
    Facts,
    Finding,
    Level,
    ModemFacts,
    QueueFacts,
    QuotaFacts,
)
from omsmodem.message import State
from omsmodem.metrics import Healthz, Metrics
from omsmodem.metrics.exposition import exposition
from omsmodem.store.errors import StoreDamaged

NOW = datetime(2026, 11, 23, 7, 20, tzinfo=UTC)
FACTS = Facts(
    now=NOW,
    version="1.0",
    started_at=NOW - timedelta(days=1),
    modems=(
        ModemFacts("front", "ready", signal_dbm=-73, storage_used=2, storage_size=50, steps={"reset": 2}),
        ModemFacts("back", "absent"),
    ),
    ledger={State.QUEUED: 3, State.DELIVERED: 40},
    queue=QueueFacts(waiting=3, oldest_since=NOW - timedelta(seconds=40)),
    quotas=(QuotaFacts("all accounts today", 41, 500),),
    certificate=CertificateFacts(not_after=NOW + timedelta(days=30)),
    disk_free_octets=10**9,
)
CONDITION = Condition(FACTS, [Finding("modem-missing", Level.FAIL, "…", subject="back")])


def samples(condition: Condition = CONDITION) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = exposition(condition, lambda _since: DayFacts(accepted=43, segments=41)).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_prometheus_reads_every_number() -> None:
    """Its own parser finds states, queue, modems, machine, counters and what is wrong."""
    found = samples()
    assert found["omsmodem_messages", (("state", "delivered"),)] == 40
    assert found["omsmodem_queue_oldest_seconds", ()] == 40
    assert found["omsmodem_modem_ready", (("modem", "front"),)] == 1
    assert found["omsmodem_modem_ready", (("modem", "back"),)] == 0
    assert found["omsmodem_modem_signal_dbm", (("modem", "front"),)] == -73
    assert ("omsmodem_modem_signal_dbm", (("modem", "back"),)) not in found
    assert found["omsmodem_modem_recovery_steps_total", (("modem", "front"), ("step", "reset"))] == 2
    assert found["omsmodem_accepted_total", ()] == 43
    assert found["omsmodem_certificate_ends_timestamp_seconds", ()] == (NOW + timedelta(days=30)).timestamp()
    assert found["omsmodem_finding", (("level", "fail"), ("rule", "modem-missing"), ("subject", "back"))] == 1
    assert found["omsmodem_quota_segments", (("kind", "spent"), ("quota", "all accounts today"))] == 41


def test_what_is_not_known_is_left_out() -> None:
    """A number that is made up is worse than none."""
    bare = samples(Condition(Facts(now=NOW), []))
    assert ("omsmodem_disk_free_bytes", ()) not in bare
    assert ("omsmodem_backup_timestamp_seconds", ()) not in bare
    assert ("omsmodem_accepted_total", ()) not in bare


def ask(application: Any, **environ: str) -> tuple[int, dict[str, str], bytes]:
    got: list[Any] = []
    body = b"".join(application(environ, lambda status, headers: got.extend((status, dict(headers)))))
    return int(got[0][:3]), got[1], body


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(
        lambda: CONDITION,
        lambda _since: DayFacts(),
        allowed=lambda address: address == "127.0.0.1",
        operator=lambda name, password, _address: (name, password) == ("harbour", "right: ä"),
    )


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "192.0.2.1"}, 401),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": basic("harbour", "right: ä")}, 200),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": basic("dana", "right: ä")}, 401),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Basic ???"}, 401),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Bearer x"}, 401),
    ],
)
def test_numbers_are_for_named_addresses_and_operators(metrics: Metrics, environ: dict[str, str], status: int) -> None:
    """Anybody else is asked to sign in."""
    answer, headers, body = ask(metrics, **environ)
    assert answer == status
    assert ("WWW-Authenticate" in headers) == (status == 401)
    assert (b"omsmodem_messages" in body) == (status == 200)


@pytest.mark.parametrize(
    ("level", "status", "word"),
    [(Level.OK, 200, b"ok\n"), (Level.WARN, 200, b"warning\n"), (Level.FAIL, 503, b"critical\n")],
)
def test_healthz_is_one_word(level: Level, status: int, word: bytes) -> None:
    """503 when something is wrong; no details to anybody."""
    answer, _, body = ask(Healthz(lambda: level))
    assert (answer, body) == (status, word)


def test_a_held_modem_is_not_ready() -> None:
    """It takes nothing."""
    held = replace(FACTS, modems=(ModemFacts("front", "ready", held=True),))
    assert samples(Condition(held, []))["omsmodem_modem_ready", (("modem", "front"),)] == 0


def test_a_store_that_cannot_be_read_is_503_and_no_fault() -> None:
    """Prometheus asks every few seconds; each time a line in the log, not a traceback."""

    def damaged() -> Condition:
        raise StoreDamaged(StoreDamaged.__doc__)

    metrics = Metrics(damaged, lambda _since: DayFacts(), lambda _address: True, lambda *_: False)
    status, _, body = ask(metrics, REMOTE_ADDR="127.0.0.1")
    assert (status, b"log" in body) == (503, True)
