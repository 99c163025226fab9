"""The hardened cheroot server: TLS contexts and their reload, deadlines, limits. The only door to cheroot."""

from omsmodem.https.listeners import HttpsServer, Listener
from omsmodem.https.server import Limits
from omsmodem.https.sockets import inherited
from omsmodem.https.tls import CertificateUnusable, ProtocolUnavailable

__all__ = ["CertificateUnusable", "HttpsServer", "Limits", "Listener", "ProtocolUnavailable", "inherited"]
