"""The OpenAPI document against the service, by schemathesis as anybody runs it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from cheroot.wsgi import Server

from omsmodem.intake import Limits
from tests.rest.conftest import Office, made


@contextmanager
def served(application: Any) -> Iterator[str]:
    """The application on a port of this machine."""
    server = Server(("127.0.0.1", 0), application)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.bind_addr[1]}/api/v1"
    finally:
        server.stop()
        thread.join(30)


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    """Whatever is made of the document, good or bad: a documented status, type and shape, and never a fault of ours.

    Every check and every phase that it has: also that what fits the document is accepted, and what does not is refused.
    """
    limits = Limits(segments_per_text=255, recipients_per_message=1000)  # others the document cannot know
    for office in made(tmp_path, limits, horizon=timedelta(days=365 * 7900)):
        office.send()
        office.receive("for dana")
        with served(office.application) as address:
            command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json", "--no-color"]
            command += ["--header", f"Authorization: Bearer {office.token}", "--seed", "1", "--max-examples", "8"]
            command += ["--generation-deterministic"]
            hooks = {"SCHEMATHESIS_HOOKS": "tests.rest.phone_numbers"}
            found = subprocess.run(
                command, env=os.environ | hooks, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
            )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "Tested: 5" in found.stdout, found.stdout


def test_the_document_is_for_everybody(office: Office) -> None:
    """It can be read without a token."""
    answer = office.ask("GET", "/openapi.json", token="")
    assert (answer.status, answer.json["openapi"]) == (200, "3.1.0")
