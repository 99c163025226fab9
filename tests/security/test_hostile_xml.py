"""Documents that were made to hurt: bombs, files, networks, depth, width. The password is inside, so all of this comes before it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from omsmodem.soap.wsgi import OmsApplication
from tests.soap.office import Answer, Office, ask

N = "http://schemas.microsoft.com/office/Outlook/2006/OMS"
CPU_S = 1.0


def bomb(levels: int) -> str:
    entities = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, levels))
    return f'<!DOCTYPE x [<!ENTITY e0 "tide">{entities}]>'


def envelope(parameter: str, head: str = "") -> bytes:
    return (
        f'{head}<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<DeliverXms xmlns="{N}"><xmsData>{parameter}</xmsData></DeliverXms></soap:Body></soap:Envelope>'
    ).encode()


def inner(document: str) -> bytes:
    """A document where the real one is: as text inside the envelope."""
    return envelope(document.replace("&", "&amp;").replace("<", "&lt;"))


XMS = f'<xmsData xmlns="{N}"><user><userId>{{}}</userId></user></xmsData>'
ATTRIBUTES = " ".join(f'a{number}="1"' for number in range(20_000))
NAMESPACES = " ".join(f'xmlns:n{number}="urn:{number}"' for number in range(6_000))

ATTACKS = {
    "billion laughs": envelope("&e9;", bomb(10)),
    "billion laughs inside": inner(bomb(10) + XMS.format("&e9;")),
    "quadratic blow-up": envelope("&e;" * 20_000, f'<!DOCTYPE x [<!ENTITY e "{"a" * 5_000}">]>'),
    "a file of this machine": envelope("&e;", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'),
    "a file inside": inner('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + XMS.format("&e;")),
    "the network": envelope("x", '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/evil.dtd">'),
    "parameter entities": envelope("x", '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p"> %p;]>'),
    "an empty document type": envelope("x", "<!DOCTYPE x>"),
    "inclusion": inner(
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    ),
    "depth": envelope("<a>" * 20_000),
    "depth inside": inner("<a>" * 20_000),
    "attributes": envelope(f"<a {ATTRIBUTES}/>"),
    "attributes inside": inner(f"<xmsData {ATTRIBUTES}/>"),
    "namespaces": envelope(f"<a {NAMESPACES}/>"),
    "elements": envelope("<a/>" * 60_000),
    "a long text": envelope("x" * 250_000),
    "a comment bomb": envelope("<!--" + "-" * 200_000),
    "a processing instruction": envelope("<?php system('id') ?>"),
    "a style sheet": envelope("x", '<?xml-stylesheet href="http://127.0.0.1:1/x.xsl" type="text/xsl"?>'),
    "UTF-7": envelope("+ADw-a+AD4-", '<?xml version="1.0" encoding="UTF-7"?>'),
    "an encoding of nobody": envelope("x", '<?xml version="1.0" encoding="x-tide"?>'),
    "a null": envelope("a").replace(b">a<", b">a\0b<"),
    "recipients without end": inner(
        f'<xmsData xmlns="{N}"><user/><xmsHead><to>{"<recipient>+447700900222</recipient>" * 4_000}</to></xmsHead></xmsData>'
    ),
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OmsApplication]:
    office = Office.open(tmp_path_factory.mktemp("office"))
    yield office.application()
    office.store.close()


def _asked(application: OmsApplication, body: bytes) -> Answer:
    return ask(application, body=body, CONTENT_TYPE="text/xml; charset=utf-8")


@pytest.mark.parametrize("name", ATTACKS)
def test_no_document_hurts(application: OmsApplication, name: str) -> None:
    """Refused or answered in a moment, with nothing of this machine in the answer and nothing queued."""
    started = time.thread_time()
    answer = _asked(application, ATTACKS[name])
    assert time.thread_time() - started < CPU_S
    assert len(answer.body) < 20_000
    host = Path("/etc/hostname")
    if host.exists() and host.read_text().strip():
        assert host.read_bytes().strip() not in answer.body
    assert b'code="ok"' not in answer.body


@pytest.mark.parametrize("name", [name for name in ATTACKS if b"DOCTYPE" in ATTACKS[name][:20]])
def test_any_document_type_is_refused(application: OmsApplication, name: str) -> None:
    """One clear rule in place of many."""
    assert _asked(application, ATTACKS[name]).status == 500


_ALL_OF_THEM = """
import resource
from tests.security.test_hostile_xml import ATTACKS
from omsmodem.soap import envelope, oms
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for body in ATTACKS.values():
    try:
        oms.parse_data(envelope.read(body, None).parameter or "")
    except Exception:
        pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_none_takes_much_memory() -> None:
    """All of them together stay within what a few large requests need."""
    finished = subprocess.run(
        [sys.executable, "-c", _ALL_OF_THEM], capture_output=True, text=True, timeout=60, check=True
    )
    assert int(finished.stdout) < 80 * 1024
