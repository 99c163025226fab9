"""What a certificate says is read from a handshake with ourselves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from omsmodem.https.tls import modern_context, shown


def _write(directory: Path, not_after: datetime, *names: x509.GeneralName) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "sms")])
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(not_after - timedelta(days=30))
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    certificate, private = directory / "server.crt", directory / "server.key"
    certificate.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


def test_names_and_end_are_what_clients_read(tmp_path: Path) -> None:
    """The names of the certificate and the moment it ends are known once it is served, also for a leaf of nobody."""
    end = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    files = _write(tmp_path, end, x509.DNSName("sms.harbour.example"), x509.DNSName("localhost"))
    found = shown(modern_context(*files), files[0])
    assert (found.names, found.not_after, found.problem) == (("sms.harbour.example", "localhost"), end, "")


def test_what_has_expired_is_read_too(tmp_path: Path) -> None:
    """A certificate that has expired still tells when it did, so that people can be told."""
    end = datetime(2020, 1, 2, tzinfo=UTC)
    files = _write(tmp_path, end, x509.DNSName("localhost"))
    assert shown(modern_context(*files), files[0]).not_after == end


def test_a_certificate_without_names_has_none(tmp_path: Path) -> None:
    """A certificate without subjectAltName has no names."""
    files = _write(tmp_path, datetime(2031, 1, 1, tzinfo=UTC))
    assert shown(modern_context(*files), files[0]).names == ()


def test_another_certificate_than_the_one_served_is_a_problem(tmp_path: Path) -> None:
    """Where the file was exchanged after it was loaded, why nothing is known is said in words."""
    first = _write(tmp_path, datetime(2031, 1, 1, tzinfo=UTC), x509.DNSName("localhost"))
    context = modern_context(*first)
    other, _ = _write(tmp_path, datetime(2032, 1, 1, tzinfo=UTC), x509.DNSName("localhost"))
    found = shown(context, other)
    assert found.not_after is None
    assert "server.crt" in found.problem
