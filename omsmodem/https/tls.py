"""Server TLS contexts, tested before they are used."""

import ssl
from pathlib import Path


class CertificateUnusable(ValueError):
    """The certificate and key cannot be served."""


def modern_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 and 1.3 with Python's own ciphers, which old Windows needs as they are. Raises CertificateUnusable.

    The context has made a handshake in memory, so a mismatched pair is found here and not by the first client.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
        _handshake(context)
    except (OSError, ssl.SSLError) as error:
        raise CertificateUnusable(f"{certificate} with {key} cannot be served: {error}") from error
    return context


def _handshake(server_context: ssl.SSLContext) -> None:
    """Complete a handshake between two ends in memory. Raises ssl.SSLError."""
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname = False
    client_context.verify_mode = ssl.CERT_NONE
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    ends = [client, server]
    for _ in range(10):
        for end in tuple(ends):
            try:
                end.do_handshake()
                ends.remove(end)
            except ssl.SSLWantReadError:
                continue
        if not ends:
            return
    raise ssl.SSLError("the handshake did not end")
