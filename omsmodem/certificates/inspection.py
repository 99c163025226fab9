"""What certificates say, and what is wrong with them, in words."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

from omsmodem.certificates.files import CertificateError, Files

#: Renewal should have happened by then; the timer tries it every day.
_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Description:
    """What a person wants to know of a certificate."""

    names: tuple[str, ...]
    issuer: str
    not_after: datetime
    sha1: str  # what Windows shows as thumbprint
    sha256: str
    may_sign_for: tuple[str, ...] | None = None  # of an authority; None where it is not constrained


def describe(path: Path) -> tuple[tuple[str, ...], datetime]:
    """The names of the certificate in a PEM file and the moment it ends. Raises CertificateError."""
    found = details(path)
    return found.names, found.not_after


def names_of(path: Path) -> tuple[str, ...]:
    """The names of the certificate in a PEM file; none for what is no certificate."""
    try:
        return describe(path)[0]
    except CertificateError:
        return ()


def details(path: Path) -> Description:
    """What the first certificate in a PEM file says. Raises CertificateError."""
    certificate = _load(path)
    return Description(
        _names(certificate),
        certificate.issuer.rfc4514_string(),
        certificate.not_valid_after_utc,
        certificate.fingerprint(hashes.SHA1()).hex(),  # noqa: S303 - an identifier, as Windows shows it
        certificate.fingerprint(hashes.SHA256()).hex(),
        _may_sign_for(certificate),
    )


def is_ours(files: Files) -> bool:
    """Whether the server's certificate was made by our own authority."""
    try:
        return _issued(_load(files.certificate), _load(files.authority_pem))
    except CertificateError:
        return False


def problems(files: Files, host: str, now: datetime) -> Iterator[tuple[bool, str]]:
    """What is wrong for clients that type `host`: (whether it keeps them out, a sentence)."""
    try:
        server = _load(files.certificate)
    except CertificateError as error:
        yield True, str(error)
        return
    yield from _pair(files)
    if not _matches(host, _names(server)):
        yield True, f"{host}, the name in service.uri, is not in the certificate ({', '.join(_names(server))})"
    yield from _age(server, "the certificate", now)
    if files.authority_pem.exists():
        yield from _authority(files, server, now)
    for path, mode in ((files.key, 0o007), (files.authority_key, 0o077)):
        if path.exists() and path.stat().st_mode & mode:
            yield False, f"{path} may be read by others: chmod go-rwx, or o-rwx where the service's group needs it"


def _pair(files: Files) -> Iterator[tuple[bool, str]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(files.certificate, files.key)
    except ssl.SSLError as error:
        yield True, f"{files.certificate} and {files.key} do not go together: {error.reason}"
    except OSError as error:
        yield True, f"{files.key} cannot be read: {error.strerror}"


def _authority(files: Files, server: x509.Certificate, now: datetime) -> Iterator[tuple[bool, str]]:
    try:
        authority = _load(files.authority_pem)
    except CertificateError as error:
        yield True, str(error)
        return
    if not _issued(server, authority):
        yield (
            False,
            f"the certificate was not made by the authority in {files.authority_pem}, which PCs may have imported",
        )
        return
    yield from _age(authority, "the authority", now)
    permitted = _may_sign_for(authority)
    outside = [name for name in _names(server) if permitted is not None and name not in permitted]
    if outside:
        yield True, f"the authority may not sign for {', '.join(outside)}: clients refuse the certificate"


def _age(certificate: x509.Certificate, what: str, now: datetime) -> Iterator[tuple[bool, str]]:
    left = certificate.not_valid_after_utc - now
    if left <= timedelta():
        yield True, f"{what} has expired on {certificate.not_valid_after_utc:%Y-%m-%d}"
    elif left < _SOON:
        yield False, f"{what} expires in {left.days} days"
    if certificate.not_valid_before_utc > now:
        yield True, f"{what} is valid from {certificate.not_valid_before_utc:%Y-%m-%d} on; is the clock right?"


def _load(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        raise CertificateError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateError(f"{path} is no certificate (PEM): {error}") from error


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    return tuple(dict.fromkeys(str(name.value) for name in found))


def _may_sign_for(certificate: x509.Certificate) -> tuple[str, ...] | None:
    try:
        permitted = certificate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    except (x509.ExtensionNotFound, ValueError):
        return None
    names = (str(name.value).removesuffix("/32").removesuffix("/128") for name in permitted)
    return tuple(name for name in dict.fromkeys(names) if name not in ("0.0.0.0", "invalid"))  # noqa: S104 - a constraint


def _issued(server: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        server.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _matches(host: str, names: tuple[str, ...]) -> bool:
    """RFC 9525 §6.3: the whole name, or a wildcard for its first label."""
    wanted = host.lower().strip("[]")
    _, _, parent = wanted.partition(".")
    return any(name.lower() in (wanted, f"*.{parent}") for name in names)
