"""Server TLS contexts, each tested with every version it promises before it is used."""

import ssl
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

#: Old SChannel needs CBC suites with ECDHE-RSA; TLS 1.0 needs SHA-1 signatures, which OpenSSL 3 has only at level 0.
_LEGACY_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:RSA+AES:!aNULL:!eNULL:@SECLEVEL=0"
_MODERN = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
#: X509_V_FLAG_NO_CHECK_TIME of OpenSSL, for which the ssl module has no name: what has expired is read too.
_NO_CHECK_TIME = 0x200000


class CertificateUnusable(ValueError):
    """The certificate and key cannot be served."""


class ProtocolUnavailable(ValueError):
    """OpenSSL on this machine does not speak a TLS version that a listener promises."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What clients read in the certificate that is served."""

    names: tuple[str, ...] = ()
    not_after: datetime | None = None
    problem: str = ""  # why clients will not take it


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
    except ssl.SSLError as error:
        raise CertificateUnusable(f"{certificate} with {key} cannot be served: {error}") from error
    except OSError as error:
        raise CertificateUnusable(f"{certificate} or {key} cannot be read: {error.strerror}") from error
    return context


def shown(context: ssl.SSLContext, certificate: Path) -> Shown:
    """What a client reads that trusts just the certificate in this file, which is what `context` serves."""
    client = _client_context()
    client.verify_mode = ssl.CERT_REQUIRED
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME
    try:
        client.load_verify_locations(certificate)
        peer = _meet(client, context).getpeercert() or {}
    except (OSError, ssl.SSLError) as error:
        return Shown(problem=f"{certificate}: {error}")
    names = dict.fromkeys(
        str(name) for _kind, name in cast("Iterable[tuple[str, str]]", peer.get("subjectAltName", ()))
    )
    return Shown(tuple(names), datetime.fromtimestamp(ssl.cert_time_to_seconds(str(peer["notAfter"])), UTC))


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
    client_context = _client_context()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client_context.minimum_version = client_context.maximum_version = version
    _meet(client_context, server_context)


def _client_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def _meet(client_context: ssl.SSLContext, server_context: ssl.SSLContext) -> ssl.SSLObject:
    """The client's end of a handshake in memory. Raises ssl.SSLError."""
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
            return client
    raise ssl.SSLError("the handshake did not end")
