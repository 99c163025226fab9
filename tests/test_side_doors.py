"""The doors beside OMS as the configuration builds them."""

from pathlib import Path

import pytest

from omsmodem.app import Application
from omsmodem.config import ConfigError, load
from omsmodem.message import IncomingKind, IncomingSegment
from tests.mail.sink import server_context
from tests.rest.conftest import SORTING, START, TO
from tests.rest.test_webhooks import SECRET, Receiver
from tests.rest.test_webhooks import receiver as receiver

CONFIGURATION = """
service: {{uri: "https://localhost:8443/oms/service.asmx"}}
listen: {{address: 127.0.0.1, port: 0}}
tls: {{certificate: tls/mail.crt, key: tls/mail.key}}
rest: {{enabled: true}}
webhooks: [{{name: desk, url: "http://127.0.0.1:{port}/texts", secret_file: webhook.secret}}]
maildoor: {{enabled: true, domain: sms.harbour.example, address: 127.0.0.1, port: 0, tls_port: 0}}
"""


def test_what_is_configured_runs(tmp_path: Path, receiver: Receiver) -> None:
    """The webhook gets what comes in, the mail door listens, and both take a new certificate and stop."""
    server_context(tmp_path / "tls")
    (tmp_path / "webhook.secret").write_text(SECRET + "\n")
    (tmp_path / "config.yaml").write_text(CONFIGURATION.format(port=receiver.port))
    application = Application(load(tmp_path / "config.yaml"))
    application.start()
    try:
        application.store.webhooks.progress("desk")
        octets = b"On my way"
        segment = IncomingSegment(octets, octets, octets, "front", "sim", TO, True, IncomingKind.TEXT, START)
        application.store.inbox.add(segment, SORTING)
        assert receiver.came.wait(30)
        server_context(tmp_path / "tls")
        assert application.reload_certificate() == ""
        (tmp_path / "tls" / "mail.crt").write_text("no certificate")
        assert application.reload_certificate()
        assert application.side_doors.down() == []
    finally:
        application.stop()
    assert receiver.texts() == ["On my way"]
    assert application.side_doors.down() == ["mail"]


@pytest.mark.parametrize(
    "wrong",
    [
        "maildoor: {enabled: true}",
        "maildoor: {domain: no domain}",
        "webhooks: [{url: 'http://desk.harbour.example/', secret_file: s}]",
        "webhooks: [{url: 'https://a.example/', secret_file: s}, {url: 'https://b.example/', secret_file: s}]",
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, wrong: str) -> None:
    """A door without its domain, a signed message in clear, two webhooks of one name."""
    path = tmp_path / "config.yaml"
    path.write_text(f"service: {{uri: 'https://sms.harbour.example/oms/service.asmx'}}\n{wrong}\n")
    with pytest.raises(ConfigError):
        load(path)
