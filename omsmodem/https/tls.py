"""Server TLS contexts, each tested with every version it promises before it is used."""

import ssl
import warnings
from collections.abc import Iterable
from pathlib import Path

#: Old SChannel needs CBC suites with ECDHE-RSA; TLS 1.0 needs SHA-1 signatures, which OpenSSL 3 has only at level 0.
_LEGACY_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:RSA+AES:!aNULL:!eNULL:@SECLEVEL=0"
_MODERN = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


class CertificateUnusable(ValueError):
    """The certificate and key cannot be served."""


class ProtocolUnavailable(ValueError):
    """OpenSSL on this machine does not speak a TLS version that a listener promises."""


def modern_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 and 1.3 with Python's own ciphers, which old Windows needs as they are.

    Raises CertificateUnusable and ProtocolUnavailable.
    """
    context = _loaded(certificate, key)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    require(context, _MODERN)
    return context


def legacy_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.0 and 1.1 too, for PCs that cannot be helped. Raises CertificateUnusable and ProtocolUnavailable."""
    context = _loaded(certificate, key)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that they are old is why this listener exists
        context.minimum_version = ssl.TLSVersion.TLSv1
        old = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
    context.set_ciphers(_LEGACY_CIPHERS)
    require(context, (*old, *_MODERN))
    return context


def _loaded(certificate: Path, key: Path) -> ssl.SSLContext:
    """A context whose certificate has been served once, so a mismatched pair is found here and not by a client."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.options |= ssl.OP_NO_RENEGOTIATION
    try:
        context.load_cert_chain(certificate, key)
        handshake(context, ssl.TLSVersion.TLSv1_2)
    except (OSError, ssl.SSLError) as error:
        raise CertificateUnusable(f"{certificate} with {key} cannot be served: {error}") from error
    return context


def require(context: ssl.SSLContext, versions: Iterable[ssl.TLSVersion]) -> None:
    """Try every version that is promised. Raises ProtocolUnavailable."""
    for version in versions:
        try:
            handshake(context, version)
        except ssl.SSLError as error:
            spoken = {"TLSv1": "TLS 1.0"}.get(version.name, version.name.replace("v", " ").replace("_", "."))
            raise ProtocolUnavailable(f"OpenSSL on this machine does not speak {spoken}: {error.reason}") from error


def handshake(server_context: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    """Complete a handshake of one version between two ends in memory. Raises ssl.SSLError."""
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname = False
    client_context.verify_mode = ssl.CERT_NONE
    client_context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client_context.minimum_version = client_context.maximum_version = version
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
