"""What is wrong with certificates is said in words."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from omsmodem import certificates
from omsmodem.certificates import CertificateError, Files

HOST = "smsbox.office.example"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("tls")
    certificates.init(Files.within(directory), [HOST, "192.0.2.5"])
    return directory


@pytest.fixture
def files(made_once: Path, tmp_path: Path) -> Files:
    return Files.within(shutil.copytree(made_once, tmp_path / "tls"))


def found(files: Files, host: str = HOST, now: datetime = NOW) -> list[tuple[bool, str]]:
    return list(certificates.problems(files, host, now))


def test_good_certificates_have_no_problems(files: Files) -> None:
    """Under any of their names."""
    assert found(files) == []
    assert found(files, "192.0.2.5") == []
    assert found(files, HOST.upper()) == []


@pytest.mark.parametrize(
    ("days", "keeps_out", "words"),
    [
        (-2, True, "valid from"),
        (705, False, "the certificate expires in 2"),
        (731, True, "the certificate has expired"),
        (3640, False, "the authority expires in"),
        (3651, True, "the authority has expired"),
    ],
)
def test_age_is_told(files: Files, days: int, keeps_out: bool, words: str) -> None:
    """Thirty days ahead, and when it is too late or too early."""
    told = found(files, now=NOW + timedelta(days))
    assert [words in sentence for bad, sentence in told if bad is keeps_out].count(True) >= 1


def test_another_name_keeps_everybody_out(files: Files) -> None:
    """The name that people type must be in it."""
    ((keeps_out, sentence),) = found(files, "sms.harbour.example")
    assert keeps_out
    assert "sms.harbour.example, the name in service.uri, is not in the certificate" in sentence


def test_a_foreign_key_and_broken_files(files: Files, tmp_path: Path) -> None:
    """Each names the file."""
    other = Files.within(tmp_path / "other")
    certificates.init(other, [HOST])
    mixed = Files(files.certificate, other.key, files.authority)
    assert any(bad and "do not go together" in sentence for bad, sentence in found(mixed))
    stranger = Files(other.certificate, other.key, files.authority)
    assert [(bad, "was not made by the authority" in sentence) for bad, sentence in found(stranger)] == [(False, True)]
    files.certificate.write_text("junk")
    ((keeps_out, sentence),) = found(files)
    assert keeps_out
    assert str(files.certificate) in sentence


def test_keys_that_others_may_read(files: Files) -> None:
    """A warning with the command."""
    files.authority_key.chmod(0o640)
    files.key.chmod(0o644)
    assert [sentence.split()[0] for bad, sentence in found(files) if not bad] == [
        str(files.key),
        str(files.authority_key),
    ]


def test_using_a_pair_that_does_not_fit_changes_nothing(files: Files, tmp_path: Path) -> None:
    """The old ones stay byte for byte."""
    other = Files.within(tmp_path / "other")
    certificates.init(other, [HOST])
    before = files.certificate.read_bytes(), files.key.read_bytes()
    for certificate, key in ((other.certificate, files.authority_key), (tmp_path / "none", other.key)):
        with pytest.raises(CertificateError):
            certificates.use(files, certificate, key)
    assert (files.certificate.read_bytes(), files.key.read_bytes()) == before
    certificates.use(files, other.certificate, other.key)
    assert files.certificate.read_bytes() == other.certificate.read_bytes()
