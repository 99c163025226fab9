"""The entrance: HTTPS with its listeners and limits, and the accounts with their throttle, as the configuration wants them."""

import logging
from datetime import UTC, datetime
from typing import Any

from omsmodem.accounts import Accounts, KnownPairs, Throttle, ThrottleRules
from omsmodem.addresses import AddressList
from omsmodem.config import Config
from omsmodem.https import HttpsServer, Limits, Listener, inherited

_log = logging.getLogger(__name__)


def build_accounts(config: Config) -> Accounts:
    """The accounts, with the throttle of the configuration."""
    auth = config.auth
    rules = ThrottleRules(
        failures=auth.failures_before_pause,
        pauses_s=auth.pause_seconds,
        alarm_failures=auth.alarm_failures_per_hour,
    )
    known = KnownPairs(config.storage.known_addresses, days=auth.known_pair_days)
    return Accounts(config.storage.accounts, throttle=Throttle(rules, known))


def build_https(config: Config, application: Any) -> HttpsServer:
    """The HTTPS service before an application. Raises CertificateUnusable, ProtocolUnavailable and OSError."""
    https, tls = config.https, config.tls
    limits = Limits(
        handshake_s=https.handshake_seconds,
        head_s=https.head_seconds,
        body_s=https.body_seconds,
        idle_s=https.idle_seconds,
        body_octets=https.max_body_kib * 1024,
        connections=https.connections,
        connections_per_address=https.connections_per_address,
        workers=https.workers,
    )
    return HttpsServer(
        application,
        _listeners(config),
        certificate=tls.certificate,
        key=tls.key,
        limits=limits,
        where=config.service.uri.removeprefix("https://"),
        proxies=AddressList.parse(https.trusted_proxies),
    )


def _listeners(config: Config) -> list[Listener]:
    """The modern listener, and the legacy one if there is one; systemd may have opened their sockets."""
    sockets, listen, legacy = inherited(), config.listen, config.legacy_listener
    allowed = AddressList.parse(listen.allow_from)
    modern = Listener(listen.port, listen.address, "modern", allowed, inherited=sockets.get("https"))
    if legacy.port is None:
        return [modern]
    few = AddressList.parse(legacy.allow_from)
    return [modern, Listener(legacy.port, legacy.address, "legacy", few, legacy.until, sockets.get("legacy"))]


def reload_certificate(https: HttpsServer, config: Config) -> str:
    """Take the certificate files anew; on any fault the old certificate stays on every listener, and why is returned."""
    tls = config.tls
    try:
        https.reload_certificate(tls.certificate, tls.key)
    except (OSError, ValueError) as error:
        _log.error("certificate not reloaded, the old one stays: %s", error)
        return str(error)
    _log.info("certificate reloaded")
    return ""


def clients(https: HttpsServer, accounts: Accounts) -> dict[str, object]:
    """Who calls, who cannot, and who guesses: facts for people."""
    old = https.clients.last_old()
    address, protocol, at = old if old is not None else ("", "", None)
    return {
        "old_address": address,
        "old_protocol": protocol,
        "old_at": datetime.fromtimestamp(at, UTC).isoformat() if at is not None else None,
        "today": https.clients.today(),
        "oldest_protocol": https.clients.oldest_protocol(),
        "advice": https.clients.advice(),
        "guessing_from": accounts.throttle.attackers(),
    }
