"""The office's authority signs for its own names and for nothing else, as other programs see it."""

import ipaddress
import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from omsmodem import certificates
from omsmodem.certificates import CertificateError, Files, Offline, write_private

NAMES = ["smsbox.office.example", "smsbox"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    made = Files.within(tmp_path_factory.mktemp("tls"))
    certificates.init(made, [*NAMES, "192.0.2.5"])
    return made


def _read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _openssl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=30)


def _stolen(files: Files, home: Path, *names: x509.GeneralName) -> Path:
    """A certificate for other names, signed with the authority's key by somebody who does not care what it may sign."""
    signer = serialization.load_pem_private_key(files.authority_key.read_bytes(), None)
    assert isinstance(signer, rsa.RSAPrivateKey)
    now = datetime.now(UTC)
    forged = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bank.example")]))
        .issuer_name(_read(files.authority_pem).subject)
        .public_key(rsa.generate_private_key(65537, 2048).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    path = home / "forged.crt"
    path.write_bytes(forged.public_bytes(serialization.Encoding.PEM))
    return path


FOREIGN = [
    [x509.DNSName("bank.example")],
    [x509.DNSName("smsbox.office.example"), x509.DNSName("bank.example")],
    [x509.IPAddress(ipaddress.ip_address("192.0.2.6"))],
]


@pytest.mark.parametrize("name", NAMES)
def test_openssl_accepts_the_certificate_for_its_names(files: Files, name: str) -> None:
    """Chain, purpose and name."""
    checked = _openssl(
        *("verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", name),
        *("-CAfile", files.authority_pem, files.certificate),
    )
    assert checked.stdout.endswith("OK\n"), checked.stderr


def test_openssl_accepts_the_certificate_for_its_address(files: Files) -> None:
    """Also where people type an address."""
    checked = _openssl("verify", "-verify_ip", "192.0.2.5", "-CAfile", files.authority_pem, files.certificate)
    assert checked.stdout.endswith("OK\n"), checked.stderr


@pytest.mark.parametrize("names", FOREIGN)
def test_openssl_refuses_what_a_thief_of_the_key_signs(
    files: Files, tmp_path: Path, names: list[x509.GeneralName]
) -> None:
    """Error 47, permitted subtree violation: importing our root trusts nothing else."""
    forged = _stolen(files, tmp_path, *names)
    checked = _openssl("verify", "-CAfile", files.authority_pem, forged)
    assert checked.returncode != 0
    assert "permitted subtree violation" in checked.stderr


def _verifier(files: Files, name: str) -> verification.ServerVerifier:
    store = verification.Store([_read(files.authority_pem)])
    return verification.PolicyBuilder().store(store).build_server_verifier(x509.DNSName(name))


def test_another_validator_agrees(tmp_path: Path) -> None:
    """The one of the cryptography library, in Rust: accepts our certificate, refuses the thief's."""
    files = Files.within(tmp_path / "tls")
    certificates.init(files, NAMES)
    _verifier(files, NAMES[0]).verify(_read(files.certificate), [])
    forged = _stolen(files, tmp_path, x509.DNSName("bank.example"))
    with pytest.raises(verification.VerificationError):
        _verifier(files, "bank.example").verify(_read(forged), [])


def test_without_constraints_other_names_can_follow(tmp_path: Path) -> None:
    """For programs that know no constraints; then names may change without a new import."""
    files = Files.within(tmp_path)
    certificates.init(files, NAMES, constrained=False)
    assert certificates.details(files.authority_pem).may_sign_for is None
    certificates.renew(files, certificates.load(files), ["new.office.example"])
    assert certificates.names_of(files.certificate) == ("new.office.example",)


def test_what_windows_needs_is_there_and_what_it_stumbles_over_is_not(files: Files) -> None:
    """SHA-256, RSA-2048, 730 days, serverAuth, every name in SAN, an address as text too; no CRL, no AIA, no OCSP."""
    server = _read(files.certificate)
    assert isinstance(server.signature_hash_algorithm, hashes.SHA256)
    key = server.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 2048
    assert (server.not_valid_after_utc - server.not_valid_before_utc).days <= 825
    found = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert found.get_values_for_type(x509.DNSName) == [*NAMES, "192.0.2.5"]
    assert found.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("192.0.2.5")]
    for kind in (x509.CRLDistributionPoints, x509.AuthorityInformationAccess):
        with pytest.raises(x509.ExtensionNotFound):
            server.extensions.get_extension_for_class(kind)
    root = _read(files.authority_pem)
    limits = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert limits.critical
    assert limits.value.path_length == 0
    assert root.extensions.get_extension_for_class(x509.NameConstraints).critical


def test_keys_are_private(files: Files) -> None:
    """0600, and the certificates may be read by everybody."""
    modes = {path.name: path.stat().st_mode & 0o777 for path in files.key.parent.iterdir()}
    assert modes["ca.key"] == 0o600
    assert modes["server.key"] in (0o600, 0o640)
    assert modes["server.crt"] == modes["ca.cer"] == 0o644


def test_a_renewal_needs_no_import(tmp_path: Path) -> None:
    """Same authority, same names, new key, later end; a client that trusted before trusts after."""
    files = Files.within(tmp_path)
    long_ago = datetime.now(UTC) - timedelta(days=700)
    certificates.init(files, NAMES, now=long_ago)
    before = _read(files.certificate)
    certificates.renew(files, certificates.load(files))
    after = _read(files.certificate)
    assert after.not_valid_after_utc - before.not_valid_after_utc > timedelta(days=690)
    assert after.public_key() != before.public_key()
    assert certificates.names_of(files.certificate) == tuple(NAMES)
    ssl.create_default_context(cafile=str(files.authority_pem))
    _verifier(files, NAMES[1]).verify(after, [])


def test_a_server_certificate_does_not_outlive_its_authority(tmp_path: Path) -> None:
    """In the authority's last year the certificate ends with it."""
    files = Files.within(tmp_path)
    certificates.init(files, NAMES, now=datetime.now(UTC) - timedelta(days=3600))
    certificates.renew(files, certificates.load(files))
    assert _read(files.certificate).not_valid_after_utc == _read(files.authority_pem).not_valid_after_utc


def test_names_the_authority_may_not_sign_for_are_refused(files: Files) -> None:
    """With the way out, instead of a certificate no PC accepts."""
    with pytest.raises(CertificateError, match=r"may not sign for other\.example: .*--replace"):
        certificates.renew(files, certificates.load(files), ["smsbox", "other.example"])


def test_a_certificate_of_others_is_not_renewed(tmp_path: Path) -> None:
    """It is renewed where it came from."""
    ours, others = Files.within(tmp_path / "ours"), Files.within(tmp_path / "others")
    certificates.init(ours, NAMES)
    certificates.init(others, ["sms.harbour.example"])
    certificates.use(ours, others.certificate, others.key)
    assert not certificates.is_ours(ours)
    with pytest.raises(CertificateError, match="not made by our authority"):
        certificates.renew(ours, certificates.load(ours))


def test_an_offline_authority_leaves_no_key_here(tmp_path: Path) -> None:
    """The key is encrypted and elsewhere; renewal needs it and its passphrase."""
    files, stick = Files.within(tmp_path / "tls"), tmp_path / "stick" / "ca.key"
    certificates.init(files, NAMES, offline=Offline(stick, b"four gulls on a crane"))
    assert not files.authority_key.exists()
    assert b"ENCRYPTED" in stick.read_bytes()
    with pytest.raises(CertificateError, match="put elsewhere"):
        certificates.load(files)
    with pytest.raises(CertificateError, match="needs a passphrase"):
        certificates.load(files, stick)
    with pytest.raises(CertificateError, match="cannot be read"):
        certificates.load(files, stick, b"three gulls")
    certificates.renew(files, certificates.load(files, stick, b"four gulls on a crane"))


def test_the_wrong_key_is_not_taken_for_the_authority(files: Files) -> None:
    """The server's own key signs nothing."""
    with pytest.raises(CertificateError, match="is not the key of"):
        certificates.load(files, files.key)


def test_a_revocation_list_is_made_only_where_one_is_named(tmp_path: Path) -> None:
    """And survives a renewal."""
    files = Files.within(tmp_path)
    certificates.init(files, NAMES, crl_url="http://smsbox.office.example/ca.crl")
    first = files.revocations.read_bytes()
    found = x509.load_der_x509_crl(first)
    assert len(found) == 0
    assert found.is_signature_valid(_read(files.authority_pem).public_key())
    certificates.renew(files, certificates.load(files))
    assert b"http://smsbox.office.example/ca.crl" in _read(files.certificate).public_bytes(serialization.Encoding.DER)
    checked = _openssl(
        *("verify", "-crl_check", "-CAfile", files.authority_pem),
        *("-CRLfile", files.revocations, files.certificate),
    )
    assert checked.stdout.endswith("OK\n"), checked.stderr


@pytest.mark.parametrize("name", ["", "two names", "gulls/crane", "möwe.example", "a\nb"])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    """Nothing is written."""
    with pytest.raises(CertificateError, match="is no host name"):
        certificates.init(Files.within(tmp_path), [name])
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten_unasked(files: Files) -> None:
    """A second authority would shut out every PC that imported the first."""
    before = files.authority_key.read_bytes()
    with pytest.raises(CertificateError, match="certificates already"):
        certificates.init(files, NAMES)
    assert files.authority_key.read_bytes() == before


def test_a_file_that_cannot_be_replaced_leaves_no_copy_behind(tmp_path: Path) -> None:
    """A private key does not stay under another name."""
    path = tmp_path / "server.key"
    path.mkdir()
    with pytest.raises(OSError):
        write_private(path, b"key")
    assert list(tmp_path.iterdir()) == [path]
