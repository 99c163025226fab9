"""The office's own certificate authority and the server's certificate.

The authority is constrained to the names of this service, so importing its root into Windows trusts nothing else. The leaf
names no revocation list: WinHTTP fails when one is named and cannot be fetched.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from omsmodem.certificates.files import CertificateError, Files, server_key_mode, write

AUTHORITY_VALIDITY = timedelta(days=3650)
SERVER_VALIDITY = timedelta(days=730)
_AUTHORITY_BITS = 3072
_SERVER_BITS = 2048
_BACKDATE = timedelta(hours=1)
#: Constrains a name type that the service does not use; some validators complain of a type without a constraint.
_NO_ADDRESS = x509.IPAddress(ipaddress.ip_network("0.0.0.0/32"))
_NO_NAME = x509.DNSName("invalid")
_PEM, _DER = serialization.Encoding.PEM, serialization.Encoding.DER


@dataclass(frozen=True, slots=True)
class Offline:
    """Where the authority's key goes instead of onto this machine, and what it is encrypted with."""

    path: Path
    passphrase: bytes


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate that signs, and its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


def init(
    files: Files,
    names: Sequence[str],
    *,
    constrained: bool = True,
    crl_url: str = "",
    offline: Offline | None = None,
    replace: bool = False,
    now: datetime | None = None,
) -> None:
    """Make an authority and a server certificate for `names` (host names and IP addresses).

    Raises CertificateError when there are certificates already and they are not to be replaced.
    """
    if not replace and (files.authority_pem.exists() or files.certificate.exists()):
        raise CertificateError(
            f"{files.certificate.parent} has certificates already: `cert renew` makes a new one that PCs accept as they are,"
            " --replace makes a new authority, which every PC must import"
        )
    if not names:
        raise CertificateError("a certificate needs a name")
    today = now or datetime.now(UTC)
    alternatives = [name for typed in names for name in _general_names(typed)]
    key = rsa.generate_private_key(65537, _AUTHORITY_BITS)
    authority = Authority(_authority(key, names[0], alternatives if constrained else None, today), key)
    if offline is not None:
        write(offline.path, _private(key, offline.passphrase), 0o600)
        files.authority_key.unlink(missing_ok=True)
    else:
        write(files.authority_key, _private(key), 0o600)
    write(files.authority_pem, authority.certificate.public_bytes(_PEM), 0o644)
    write(files.authority, authority.certificate.public_bytes(_DER), 0o644)
    issue(files, authority, alternatives, crl_url, today)


def load(files: Files, key: Path | None = None, passphrase: bytes | None = None) -> Authority:
    """The authority that made the certificates. Raises CertificateError."""
    path = key or files.authority_key
    try:
        certificate = x509.load_pem_x509_certificate(files.authority_pem.read_bytes())
        private = serialization.load_pem_private_key(path.read_bytes(), passphrase)
    except FileNotFoundError as error:
        raise CertificateError(f"{error.filename} is not here; was the authority's key put elsewhere?") from error
    except TypeError as error:
        raise CertificateError(f"{path} needs a passphrase, or has none") from error
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise CertificateError(f"the authority cannot be read: {error}") from error
    if not isinstance(private, rsa.RSAPrivateKey) or private.public_key() != certificate.public_key():
        raise CertificateError(f"{path} is not the key of {files.authority_pem}")
    return Authority(certificate, private)


def renew(files: Files, authority: Authority, names: Sequence[str] = (), now: datetime | None = None) -> None:
    """Make a new key and certificate for the same names, or for others the authority may sign. Raises CertificateError.

    A certificate that is gone, or is none any more, is made anew for `names`.
    """
    old = _old(files.certificate)
    if old is not None and old.issuer != authority.certificate.subject:
        raise CertificateError(f"{files.certificate} was not made by our authority; renew it where it came from")
    wanted = [name for typed in names for name in _general_names(typed)] or (_names(old) if old is not None else [])
    if not wanted:
        raise CertificateError(f"{files.certificate} is gone, and its names with it")
    _require_permitted(authority.certificate, wanted)
    issue(files, authority, wanted, _crl_url(old) if old is not None else "", now or datetime.now(UTC))


def _old(path: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    except OSError as error:
        raise CertificateError(f"{path} cannot be read: {error.strerror}") from error


def issue(files: Files, authority: Authority, names: Sequence[x509.GeneralName], crl_url: str, now: datetime) -> None:
    """Sign a server certificate and put it, with its chain and key, where the service reads it."""
    key = rsa.generate_private_key(65537, _SERVER_BITS)
    server = _server(key, authority, names, crl_url, now)
    if crl_url:
        write(files.revocations, _no_revocations(authority, now), 0o644)
    write(files.key, _private(key), server_key_mode())
    write(files.certificate, server.public_bytes(_PEM) + authority.certificate.public_bytes(_PEM), 0o644)


# -- names ----------------------------------------------------------------------------------------------------------


def _general_names(typed: str) -> list[x509.GeneralName]:
    """The name as certificates have it. An address comes as text too: Windows of 2009 looks for it there."""
    try:
        address = ipaddress.ip_address(typed)
    except ValueError:
        name = typed.strip().rstrip(".").lower()
        if not name or not name.isascii() or any(c not in "abcdefghijklmnopqrstuvwxyz0123456789.-_" for c in name):
            raise CertificateError(f"{typed!r} is no host name and no address") from None
        return [x509.DNSName(name)]
    text: list[x509.GeneralName] = [x509.DNSName(str(address))] if address.version == 4 else []
    return [x509.IPAddress(address), *text]


def _names(certificate: x509.Certificate) -> list[x509.GeneralName]:
    return list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


def _constraints(names: Sequence[x509.GeneralName]) -> list[x509.GeneralName]:
    permitted: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_network(name.value)) if isinstance(name, x509.IPAddress) else name for name in names
    ]
    if not any(isinstance(name, x509.IPAddress) for name in names):
        permitted.append(_NO_ADDRESS)
    if not any(isinstance(name, x509.DNSName) for name in names):
        permitted.append(_NO_NAME)
    return permitted


def _require_permitted(authority: x509.Certificate, names: Sequence[x509.GeneralName]) -> None:
    try:
        found = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    except x509.ExtensionNotFound:
        return
    outside = [str(name.value) for name in _constraints(names) if name not in (*found, _NO_ADDRESS, _NO_NAME)]
    if outside:
        raise CertificateError(
            f"our authority may not sign for {', '.join(outside)}: `omsmodem cert init --replace` makes a new one, which"
            " every PC must import"
        )


def _crl_url(certificate: x509.Certificate) -> str:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return ""
    return str((points[0].full_name or [x509.UniformResourceIdentifier("")])[0].value)


# -- certificates ---------------------------------------------------------------------------------------------------


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _authority(
    key: rsa.RSAPrivateKey, name: str, names: Sequence[x509.GeneralName] | None, now: datetime
) -> x509.Certificate:
    subject = _subject(f"omsmodem CA for {name}")
    builder = (
        _builder(subject, subject, key.public_key(), now, AUTHORITY_VALIDITY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if names is not None:
        builder = builder.add_extension(x509.NameConstraints(_constraints(names), None), critical=True)
    return builder.sign(key, hashes.SHA256())


def _server(
    key: rsa.RSAPrivateKey, authority: Authority, names: Sequence[x509.GeneralName], crl_url: str, now: datetime
) -> x509.Certificate:
    signer = authority.key
    until = min(now + SERVER_VALIDITY, authority.certificate.not_valid_after_utc)
    builder = (
        _builder(_subject(str(names[0].value)), authority.certificate.subject, key.public_key(), now, until - now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, key_encipherment=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if crl_url:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl_url)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _no_revocations(authority: Authority, now: datetime) -> bytes:
    """An empty revocation list (DER) for programs that insist on one."""
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now - _BACKDATE)
        .next_update(now + SERVER_VALIDITY)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
        .public_bytes(_DER)
    )


def _usage(**uses: bool) -> x509.KeyUsage:
    all_uses = dict.fromkeys(
        (
            *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
            *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
        ),
        False,
    )
    return x509.KeyUsage(**(all_uses | uses))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, now: datetime, validity: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATE)
        .not_valid_after(now + validity)
    )


def _private(key: rsa.RSAPrivateKey, passphrase: bytes | None = None) -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase)
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, encryption)
