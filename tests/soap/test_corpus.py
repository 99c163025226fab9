"""Whatever is posted: a valid answer document, a SOAP fault, or a plain status with one line; never slow."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omsmodem.soap.wsgi import OmsApplication
from tests.soap.office import CONTENT_TYPES, PARAMETERS, PASSWORD, Answer, Office, ask
from tests.soap.schemas import ENCODING, OMS, SOAP_11, SOAP_12, unwrap

CPU_S = 1.0
GOLDEN = Path(__file__).parent.parent / "golden" / "oms"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OmsApplication]:
    office = Office.open(tmp_path_factory.mktemp("office"))
    yield office.application()
    office.store.close()


def checked(application: OmsApplication, body: bytes, **environ: Any) -> Answer:
    """Ask, and hold the answer against everything that may be answered."""
    started = time.thread_time()
    answer = ask(application, body=body, **environ)
    assert time.thread_time() - started < CPU_S
    if answer.headers["Content-Type"] in CONTENT_TYPES.values():
        unwrapped = unwrap(answer.body)
        assert answer.headers["Content-Type"] == CONTENT_TYPES[unwrapped.version]
        assert (answer.status == 200) == (not unwrapped.fault)
        assert answer.status in (200, 400, 500)
        if unwrapped.version == SOAP_11:
            assert answer.status != 400
    else:
        assert answer.status in (400, 411, 413, 415)
        assert answer.body.count(b"\n") == 1
    for leak in (b"Traceback", b'File "', PASSWORD.encode(), b"RuntimeError", b"sqlite"):
        assert leak not in answer.body
    return answer


# -- documents that are nearly right --------------------------------------------------------------------------------------

words = st.one_of(
    st.sampled_from(
        ["dana", PASSWORD, "+447700900222", "12", "SMS_SENDER", "2026-03-02T06:45:00Z", "calSummary", "", " "]
    ),
    st.text(max_size=12),
    st.integers().map(str),
)
names = st.sampled_from(
    [
        "user",
        "userId",
        "password",
        "xmsHead",
        "xmsBody",
        "to",
        "recipient",
        "content",
        "scheduled",
        "requiredService",
        "sourceType",
        "xmsData",
        "xmsUser",
        "xmsBatch",
        "mmsSlides",
        "customData",
        "surprise",
    ]
)
attributes = st.dictionaries(
    st.sampled_from(["client", "id", "format", "contentType", "contentId", "href", "xmlns"]),
    st.one_of(st.sampled_from(["SMS", "MMS", "text/plain", "image/gif", OMS, "0"]), st.text(max_size=8)),
    max_size=3,
)


def _element(name: str, given: dict[str, str], inside: str) -> str:
    attributes_ = "".join(f" {key}={quoteattr(value)}" for key, value in given.items())
    return f"<{name}{attributes_}>{inside}</{name}>"


elements = st.recursive(
    words.map(escape),
    lambda inner: st.builds(_element, names, attributes, st.lists(inner, max_size=4).map("".join)),
    max_leaves=12,
)
good = st.builds(
    lambda user, password, to, texts, more: _element(
        "xmsData",
        {"xmlns": OMS},
        _element("user", {}, f"<userId>{escape(user)}</userId><password>{escape(password)}</password>")
        + _element("xmsHead", {}, more + _element("to", {}, "".join(_element("recipient", {}, escape(t)) for t in to)))
        + _element("xmsBody", {"format": "SMS"}, "".join(_element("content", {}, escape(t)) for t in texts)),
    ),
    st.sampled_from(["dana", "DANA ", "erin", ""]),
    st.sampled_from([PASSWORD, PASSWORD, PASSWORD, "x"]),
    st.lists(st.one_of(st.just("07700 900222"), words), max_size=4),
    st.lists(words, max_size=4),
    words.map(lambda word: _element("scheduled", {}, escape(word))) | st.just(""),
)
batches = st.lists(good | elements, max_size=4).map(lambda inner: _element("xmsBatch", {}, "".join(inner)))
documents = st.one_of(good, batches, elements, st.text(max_size=30), st.just(""))


def _wrong(document: str, cut: int, junk: str, length: int) -> str:
    at = cut % (len(document) + 1)
    return document[:at] + junk + document[at + length :]


broken = st.builds(
    _wrong,
    documents,
    st.integers(0, 2000),
    st.one_of(
        st.sampled_from(
            ["&", "<", "&#xB;", "\x00", "\ufeff", "<!DOCTYPE a>", "<![CDATA[", "&nbsp;", "\ud83d", "&#xD83D;", "]]>"]
        ),
        st.text(max_size=5),
    ),
    st.integers(0, 20),
)


@st.composite
def envelopes(draw: st.DrawFn) -> tuple[str, str]:
    """An envelope and the type it is sent with."""
    version = draw(st.sampled_from([SOAP_11, SOAP_12, SOAP_11, SOAP_12, "urn:soap-2.0"]))
    operation = draw(st.sampled_from([*PARAMETERS, "GetServiceInfo", "PingXms", "Envelope"]))
    document = draw(documents | broken)
    depth = draw(st.sampled_from([1, 1, 1, 1, 0, 2]))
    for _ in range(depth):
        document = escape(document)
    qualified, rpc = draw(st.booleans()), draw(st.booleans())
    parameter = PARAMETERS.get(operation, "x")
    name = f"o:{parameter}" if qualified else parameter
    inner = f"<{name}>{document}</{name}>" if draw(st.integers(0, 9)) else draw(st.sampled_from(["", document]))
    style = f' s:encodingStyle="{ENCODING}"' if rpc else ""
    header = draw(
        st.sampled_from(["", "", "<s:Header/>", '<s:Header><a:b xmlns:a="urn:a" s:mustUnderstand="1"/></s:Header>'])
    )
    text = (
        f'<s:Envelope xmlns:s="{version}" xmlns:o="{OMS}">{header}<s:Body>'
        f"<o:{operation}{style}>{inner}</o:{operation}></s:Body></s:Envelope>"
    )
    return text, draw(
        st.sampled_from([*CONTENT_TYPES.values(), "text/xml", "", "image/png", "text/xml; charset=utf-16"])
    )


BUDGET = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@given(made=envelopes())
@BUDGET
def test_calls_good_and_bad(application: OmsApplication, made: tuple[str, str]) -> None:
    """Documents that are right, nearly right and wrong, in envelopes of every kind."""
    text, content_type = made
    checked(application, text.encode("utf-8", "surrogatepass"), CONTENT_TYPE=content_type)


@given(
    name=st.sampled_from(sorted(path.name for path in GOLDEN.glob("*.request.xml"))),
    cuts=st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=4), st.integers(0, 40)), min_size=1, max_size=4),
    content_type=st.sampled_from([*CONTENT_TYPES.values(), "text/xml"]),
)
@BUDGET
def test_damaged_requests(
    application: OmsApplication, name: str, cuts: list[tuple[int, bytes, int]], content_type: str
) -> None:
    """Requests of real form with octets lost, changed and added."""
    body = (GOLDEN / name).read_bytes()
    for at, junk, length in cuts:
        at %= len(body) + 1
        body = body[:at] + junk + body[at + length :]
    checked(application, body, CONTENT_TYPE=content_type)


@given(
    body=st.binary(max_size=200),
    content_type=st.one_of(
        st.sampled_from([*CONTENT_TYPES.values()]), st.text(st.characters(codec="latin-1"), max_size=60)
    ),
    length=st.none() | st.text(st.characters(codec="latin-1"), max_size=6),
)
@BUDGET
def test_noise(application: OmsApplication, body: bytes, content_type: str, length: str | None) -> None:
    """Octets, types and lengths of any kind."""
    more = {} if length is None else {"CONTENT_LENGTH": length}
    checked(application, body, CONTENT_TYPE=content_type, **more)
