"""Scripts of other programs keep working."""

import json
import ssl
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from omsmodem.app import Application
from tests.cli.conftest import PASSWORD, Home


def texts(home: Home) -> list[str]:
    return [json.loads(line)["text"] for line in home.run("messages", "--json").stdout.splitlines()]


def test_a_spool_is_imported_at_once(home: Home, tmp_path: Path) -> None:
    """Each file with its ids; what is refused is said, and the exit code tells."""
    spool = tmp_path / "outgoing"
    spool.mkdir()
    (spool / "a").write_text("To: 447700900222\n\nfrom smstools\n")
    (spool / "b").write_text("To: 12\n\nnobody\n")
    result = home.run("import", "--format", "smstools", "--account", "dana", spool)
    assert result.exit_code == 1
    assert result.stdout == "a\t1\n"
    assert "b: refused: " in result.stderr
    assert texts(home) == ["from smstools"]


def test_spools_and_the_url_are_doors_of_the_running_service(
    home: Home, tmp_path: Path, serving: Callable[[], Application]
) -> None:
    """gammu-smsd's outbox is swept, Kannel's URL is answered over HTTPS, to the listed account only."""
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    home.configure(
        f"spools:\n  gammu: {outbox}\n  account: dana\nsendsms:\n  path: /cgi-bin/sendsms\n  accounts: [dana]\n"
    )
    application = serving()
    (outbox / "OUT+447700900222.txt").write_text("from gammu")
    context = ssl.create_default_context(cafile=str(home.directory / "tls" / "ca.crt"))
    password = PASSWORD.replace(" ", "+")
    url = f"https://localhost:{application.https.port}/cgi-bin/sendsms?username=dana&password={password}&to=447700900222&text=from+kannel"
    with urllib.request.urlopen(url, context=context, timeout=20) as answer:
        assert answer.status == 202
        assert answer.read().startswith(b"0: Accepted for delivery")
    deadline = time.monotonic() + 20
    while len(texts(home)) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert sorted(texts(home)) == ["from gammu", "from kannel"]
    assert (outbox / "imported" / "OUT+447700900222.txt").exists()
