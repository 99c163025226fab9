"""The certificates of the service: its own authority, what is served, and what Windows needs of both."""

from omsmodem.certificates.authority import Authority, Offline, init, load, renew
from omsmodem.certificates.files import CertificateError, Files, write_private
from omsmodem.certificates.inspection import Description, describe, details, is_ours, names_of, problems
from omsmodem.certificates.installing import use
from omsmodem.certificates.kit import KitUser, Service, write_kit

__all__ = [
    "Authority",
    "CertificateError",
    "Description",
    "Files",
    "KitUser",
    "Offline",
    "Service",
    "describe",
    "details",
    "init",
    "is_ours",
    "load",
    "names_of",
    "problems",
    "renew",
    "use",
    "write_kit",
    "write_private",
]
