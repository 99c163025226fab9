"""What a ClientHello tells."""

import ssl

from hypothesis import given, settings
from hypothesis import strategies as st

from omsmodem.https import hello
from tests.https import hellos


def test_old_and_new_windows_are_told_apart() -> None:
    """Version, cipher suites and the name that was called."""
    xp, vista, ten, eleven = (hello.read(hellos.PCS[name]) for name in ("xp", "vista", "10", "11"))
    assert xp is not None
    assert (xp.version, xp.only_weak_ciphers, xp.server_name) == (hello.TLS_1_0, True, "")
    assert vista is not None
    assert (vista.version, vista.only_weak_ciphers, vista.server_name) == (hello.TLS_1_0, False, "localhost")
    assert ten is not None
    assert ten.version == hello.TLS_1_2
    assert eleven is not None
    assert eleven.version == hello.TLS_1_3


def test_the_hello_of_a_current_client_is_read() -> None:
    """As OpenSSL itself forms it."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="sms.harbour.example")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        found = hello.read(outgoing.read())
    assert found is not None
    assert (found.version, found.server_name) == (hello.TLS_1_3, "sms.harbour.example")


def test_a_hello_in_two_records_is_put_together() -> None:
    """The record layer may cut anywhere."""
    whole = hellos.PCS["10"]
    message = whole[5:]
    cut = b"".join(b"\x16\x03\x01" + len(part).to_bytes(2) + part for part in (message[:40], message[40:]))
    assert hello.read(cut) == hello.read(whole)


@settings(max_examples=200)
@given(st.data())
def test_broken_hellos_are_none(data: st.DataObject) -> None:
    """Cut short or changed anywhere, it is read or not, and nothing is raised."""
    octets = bytearray(hellos.PCS["11"])
    for _ in range(data.draw(st.integers(0, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    found = hello.read(bytes(octets[: data.draw(st.integers(0, len(octets)))]))
    assert found is None or found.server_name.isprintable()
