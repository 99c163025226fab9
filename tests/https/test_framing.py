"""Octets become whole requests, however they are cut; what could be read in two ways is refused."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omsmodem.https.framing import Framer, Refused


def framer() -> Framer:
    return Framer(header_octets=2048, body_octets=4096)


def post(*headers: str, body: bytes = b"", version: str = "HTTP/1.1") -> bytes:
    return "\r\n".join((f"POST /x {version}", *headers, "", "")).encode("latin-1") + body


def requests(octets: bytes, sizes: list[int] | None = None) -> list[bytes]:
    """Every whole request in the octets, fed in pieces of these sizes."""
    made, found, at = framer(), [], 0
    for size in [*(sizes or []), len(octets)]:
        made.receive(octets[at : at + size])
        at += size
        while (request := made.next()) is not None:
            found.append(request)
        if at >= len(octets):
            break
    return found


CHUNKED = post("Host: a", "Transfer-Encoding: chunked", body=b"4;x=y\r\ntide\r\n2\r\n\r\n\r\n0\r\nTrailer: 1\r\n\r\n")
SEVERAL = post("Host: a", "Content-Length: 4", body=b"\r\n\r\n") + b"\r\n" + CHUNKED + b"GET / HTTP/1.0\r\n\r\n"


def test_a_chunked_body_comes_out_with_its_length() -> None:
    """Applications see one form only."""
    assert requests(CHUNKED) == [b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\ntide\r\n"]


def test_requests_behind_each_other_come_out_one_by_one() -> None:
    """An empty line before a request is ignored; a body may hold what looks like the end of a head."""
    assert [request.split(b"\r\n")[0] for request in requests(SEVERAL)] == [
        b"POST /x HTTP/1.1",
        b"POST /x HTTP/1.1",
        b"GET / HTTP/1.0",
    ]


@settings(max_examples=100)
@given(st.lists(st.integers(1, 40), max_size=200))
def test_however_the_octets_are_cut_the_requests_are_the_same(sizes: list[int]) -> None:
    """Cuts anywhere change nothing."""
    assert requests(SEVERAL, sizes) == requests(SEVERAL)


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_noise_is_refused_or_waits(noise: bytes) -> None:
    """Nothing but our own refusal is ever raised."""
    made = framer()
    made.receive(noise)
    with contextlib.suppress(Refused):
        made.next()


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [
                *(b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n"),
                *(b"Transfer-Encoding: gzip, chunked\r\n", b"Content-Length : 5\r\n", b" folded\r\n", b"X: \0\r\n"),
                *(b"Host: a\r\n", b"Expect: 100-continue\r\n", b"Content_Length: 5\r\n", b"\n", b"Y:\r\n"),
            ]
        ),
        max_size=5,
    )
)
def test_whatever_comes_out_has_one_length(headers: list[bytes]) -> None:
    """Of all mixtures of framing headers only those come out that every program reads alike."""
    made = framer()
    made.receive(b"POST / HTTP/1.1\r\n" + b"".join(headers) + b"\r\n" + b"0\r\n\r\n")
    try:
        request = made.next()
    except Refused:
        return
    if request is not None:
        head = request.partition(b"\r\n\r\n")[0].lower()
        assert head.count(b"content-length:") == 1
        assert b"transfer-encoding" not in head
        assert b"content_length" not in head


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (post("Content-Length: 5", "Content-Length: 5"), 400),
        (post("Content-Length: 5, 5"), 400),
        (post("Content-Length: -1"), 400),
        (post("Content-Length: +5"), 400),
        (post("Content-Length: 0x5"), 400),
        (post("Content-Length: 5", "Transfer-Encoding: chunked"), 400),
        (post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), 501),
        (post("Transfer-Encoding: gzip, chunked"), 501),
        (post("Transfer-Encoding: xchunked"), 501),
        (post("Transfer-Encoding: chunked", version="HTTP/1.0"), 400),
        (post("Transfer-Encoding : chunked"), 400),
        (post("X: 1", " continued"), 400),
        (post("X: \0"), 400),
        (post("Host: a", "Host: b"), 400),
        (post("Expect: tomorrow"), 417),
        (post("Content-Length: 4097"), 413),
        (post("Content-Length: 99999999999999999999"), 400),
        (post("Transfer-Encoding: chunked", body=b"1001\r\n"), 413),
        (post("Transfer-Encoding: chunked", body=b"1\r\na\r\n" * 1000), 413),
        (post("Transfer-Encoding: chunked", body=b"-1\r\n"), 400),
        (post("Transfer-Encoding: chunked", body=b"1\na"), 400),
        (post("Transfer-Encoding: chunked", body=b"1\r\nabc"), 400),
        (post("Transfer-Encoding: chunked", body=b"1;" + b"x" * 300), 400),
        (b"POST /x HTTP/1.1\nHost: a\n\n", 400),
        (b"POST /x HTTP/1.1\r\n" + b"X: " + b"y" * 3000, 431),
        (b"POST /" + b"x" * 3000, 431),
        (post(*(f"X{number}: 1" for number in range(120))), 431),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"get / HTTP/1.1\r\n\r\n", 400),
        (b"GET  / HTTP/1.1\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\n\r\n", 400),
        (b"\x00\x01\x02\r\n\r\n", 400),
    ],
)
def test_what_is_no_clear_request_is_refused(octets: bytes, status: int) -> None:
    """One status and one line, however the octets are cut."""
    for sizes in ([], [1] * len(octets)):
        with pytest.raises(Refused) as refused:
            requests(octets, sizes)
        assert refused.value.status.startswith(str(status))
        assert refused.value.line.isprintable()


def test_headers_with_underscores_do_not_come_through() -> None:
    """In WSGI X_Forwarded_For would be X-Forwarded-For."""
    (request,) = requests(post("X_Forwarded_For: 192.0.2.1", "X-Forwarded-For: 192.0.2.2"))
    assert b"192.0.2.1" not in request
    assert b"192.0.2.2" in request


def test_a_hundred_is_due_once() -> None:
    """Also for a client that has not waited for it."""
    made = framer()
    made.receive(post("Expect: 100-Continue", "Content-Length: 2"))
    assert made.next() is None
    assert made.wants_continue()
    assert not made.wants_continue()
    made.receive(b"ok")
    assert made.next() == b"POST /x HTTP/1.1\r\nContent-Length: 2\r\n\r\nok"
