"""Certificates of others: a public authority's, or the office's own."""

import ssl
from pathlib import Path

from omsmodem.certificates.files import CertificateError, Files, server_key_mode, write


def use(files: Files, certificate: Path, key: Path) -> None:
    """Copy a chain and its key to where the service reads them. Raises CertificateError, and then nothing is changed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password=_no_passphrase)
        chain, private = certificate.read_bytes(), key.read_bytes()
    except ssl.SSLError as error:
        raise CertificateError(f"{certificate} and {key} do not go together: {error.reason or error}") from error
    except OSError as error:
        raise CertificateError(f"{error.filename or certificate} cannot be read: {error.strerror}") from error
    write(files.key, private, server_key_mode())
    write(files.certificate, chain, 0o644)


def _no_passphrase() -> str:
    raise CertificateError("the key has a passphrase, which a service that starts by itself cannot type")
