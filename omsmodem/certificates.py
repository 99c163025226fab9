"""The office's own certificate authority and the server's certificate.

The authority is constrained to the names of this service, so importing its root into Windows trusts nothing else. The leaf
names no revocation list: WinHTTP fails when one is named and cannot be fetched.
"""

import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_VALIDITY = timedelta(days=3650)
SERVER_VALIDITY = timedelta(days=730)
_AUTHORITY_BITS = 3072
_SERVER_BITS = 2048
_BACKDATE = timedelta(hours=1)
#: Constrains a name type that the service does not use; some validators complain of a type without a constraint.
_NO_ADDRESS = x509.IPAddress(ipaddress.ip_network("0.0.0.0/32"))
_NO_NAME = x509.DNSName("invalid")


class CertificateError(Exception):
    """The certificates cannot be made."""


def create(directory: Path, names: Sequence[str]) -> None:
    """Make an authority and a server certificate for `names` (host names and IP addresses) in `directory`.

    Writes ca.crt (PEM), ca.cer (DER, for Windows), ca.key, server.crt (the chain) and server.key; keys are 0600.
    Raises CertificateError when there are certificates already.
    """
    if (directory / "ca.key").exists():
        raise CertificateError(f"{directory} has certificates already")
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = datetime.now(UTC)
    alternatives = [_general_name(name) for name in names]
    authority_key = rsa.generate_private_key(65537, _AUTHORITY_BITS)
    authority = _authority(authority_key, names[0], alternatives, now)
    server_key = rsa.generate_private_key(65537, _SERVER_BITS)
    server = _server(server_key, authority_key, authority, names[0], alternatives, now)
    pem = serialization.Encoding.PEM
    _write(directory / "ca.key", _private(authority_key), 0o600)
    _write(directory / "ca.crt", authority.public_bytes(pem), 0o644)
    _write(directory / "ca.cer", authority.public_bytes(serialization.Encoding.DER), 0o644)
    _write(directory / "server.key", _private(server_key), 0o600)
    _write(directory / "server.crt", server.public_bytes(pem) + authority.public_bytes(pem), 0o644)


def describe(path: Path) -> tuple[tuple[str, ...], datetime]:
    """The names of the certificate in a PEM file and the moment it ends. Raises CertificateError."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound) as error:
        raise CertificateError(f"{path} cannot be read: {error}") from error
    return tuple(str(name.value) for name in names), certificate.not_valid_after_utc


def names_of(path: Path) -> tuple[str, ...]:
    """The names of the certificate in a PEM file; none for what is no certificate."""
    try:
        return describe(path)[0]
    except CertificateError:
        return ()


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _authority(key: rsa.RSAPrivateKey, name: str, names: Sequence[x509.GeneralName], now: datetime) -> x509.Certificate:
    subject = _subject(f"omsmodem CA for {name}")
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        _builder(subject, subject, key.public_key(), now, AUTHORITY_VALIDITY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.NameConstraints(_constraints(names), None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _constraints(names: Sequence[x509.GeneralName]) -> list[x509.GeneralName]:
    permitted: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_network(name.value)) if isinstance(name, x509.IPAddress) else name for name in names
    ]
    if not any(isinstance(name, x509.IPAddress) for name in names):
        permitted.append(_NO_ADDRESS)
    if not any(isinstance(name, x509.DNSName) for name in names):
        permitted.append(_NO_NAME)
    return permitted


def _server(
    key: rsa.RSAPrivateKey,
    authority_key: rsa.RSAPrivateKey,
    authority: x509.Certificate,
    name: str,
    names: Sequence[x509.GeneralName],
    now: datetime,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        _builder(_subject(name), authority.subject, key.public_key(), now, SERVER_VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


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


def _private(key: rsa.RSAPrivateKey) -> bytes:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, form, serialization.NoEncryption())


def _write(path: Path, octets: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(octets)
