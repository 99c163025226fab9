"""An office for every test, and a line to it for those that want real TLS."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from omsmodem.https import HttpsServer, Limits, Listener
from omsmodem.https.mount import Mount
from tests.soap.line import Line, Place
from tests.soap.office import INFO, Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office.open(tmp_path)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def place(keys: Path) -> Iterator[Place]:
    made = Place(0, keys / "ca.crt")
    server = HttpsServer(
        made,
        [Listener(0, "127.0.0.1")],
        certificate=keys / "server.crt",
        key=keys / "server.key",
        limits=Limits(body_s=5),
    )
    made.port = server.port
    server.start()
    yield made
    server.stop()


@pytest.fixture
def line(office: Office, place: Place) -> Line:
    made = Line(office, place)
    office.info = replace(INFO, service_uri=made.uri)
    place.application = Mount({"/oms/service.asmx": office.application(), "/old/sms.asmx": office.application()})
    return made
