"""A bounded book of the PCs that call: who got through, and what to do about who did not."""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass

from omsmodem.https import hello as hellos
from omsmodem.https.hello import TLS_1_2, Hello

_MAX_CLIENTS = 2000
_MAX_ADVICE = 50
_DAY_S = 86400.0
_VERSIONS = {hellos.TLS_1_0: "TLS 1.0", hellos.TLS_1_1: "TLS 1.1", 0x0300: "SSL 3"}
_DISTRUST = frozenset(
    {
        "TLSV1_ALERT_UNKNOWN_CA",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "TLSV1_ALERT_CERTIFICATE_UNKNOWN",
    }
)
_IMPORT = "import ca.cer there (Windows kit: import-ca.cmd)"


@dataclass(slots=True)
class _Client:
    last_request: float = float("-inf")
    protocol: str = ""
    advice: str = ""


def about_handshake(reason: str, hello: Hello | None, names: Collection[str]) -> str:
    """What to do at a PC whose handshake failed for OpenSSL's `reason`; empty where nobody can know."""
    old = hello is not None and hello.version < TLS_1_2
    if hello is not None and old and hello.only_weak_ciphers:
        return "looks like Windows XP, which cannot be served: use a newer Windows there"
    if hello is not None and (old or reason in ("UNSUPPORTED_PROTOCOL", "VERSION_TOO_LOW")):
        spoken = _VERSIONS.get(hello.version, "an old protocol")
        return f"speaks only {spoken}: run enable-tls12.reg of the Windows kit there, or open the legacy listener"
    if hello is not None and _foreign(hello.server_name, names):
        return _about_name(hello.server_name)
    if reason == "SSLV3_ALERT_CERTIFICATE_EXPIRED":
        return "says that the certificate is out of date: set its clock, or renew with omsmodem cert renew"
    if reason in _DISTRUST:
        return f"does not trust our certificate authority: {_IMPORT}"
    return ""


def about_silence(hello: Hello | None, names: Collection[str]) -> str:
    """What to do at a PC that shook hands and then went away without a request, as WinHTTP does with what it rejects."""
    if hello is not None and _foreign(hello.server_name, names):
        return _about_name(hello.server_name)
    return f"probably rejects the certificate: {_IMPORT}, and type the address exactly as the service gives it"


ABOUT_PLAIN_HTTP = "uses http://; the address must begin with https://"


def _foreign(name: str, names: Collection[str]) -> bool:
    return bool(name and names) and name.lower() not in {each.lower() for each in names}


def _about_name(name: str) -> str:
    return (
        f"calls the service {name}, a name that is not in the certificate: type the address there as the service gives it,"
        " or make a certificate for every name (omsmodem cert init --replace --name …) and import it on every PC"
    )


def _words(protocol: str) -> str:
    """TLSv1.2 as people write it."""
    return "TLS 1.0" if protocol == "TLSv1" else protocol.replace("TLSv", "TLS ")


class Clients:
    """The book. Methods may be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._clients: OrderedDict[str, _Client] = OrderedDict()

    def served(self, address: str, protocol: str) -> None:
        """A request came: whatever was wrong there is right now."""
        with self._lock:
            client = self._client(address)
            client.last_request, client.protocol, client.advice = self._clock(), protocol, ""

    def advise(self, address: str, advice: str) -> bool:
        """Note what to do at a PC; whether that is news."""
        if not advice:
            return False
        with self._lock:
            client = self._client(address)
            news = client.advice != advice
            client.advice = advice
            return news

    def went_silently(self, address: str, hello: Hello | None, names: Collection[str]) -> str:
        """The advice for a client that left without a request; none for who has made one, and for this machine."""
        with self._lock:
            known = self._clients.get(address)
            served = known is not None and known.last_request > float("-inf")
        return "" if served or ipaddress.ip_address(address).is_loopback else about_silence(hello, names)

    def advice(self) -> tuple[str, ...]:
        """One sentence a PC that could not be served, newest first."""
        with self._lock:
            advised = [(address, client.advice) for address, client in self._clients.items() if client.advice]
        return tuple(f"PC {address} {advice}" for address, advice in reversed(advised[-_MAX_ADVICE:]))

    def today(self) -> int:
        """How many addresses made a request within the last day."""
        with self._lock:
            return sum(self._recent(client) for client in self._clients.values())

    def oldest_protocol(self) -> str:
        """The lowest TLS version of a request within the last day, and who speaks it; empty when there was none."""
        with self._lock:
            spoken = [(client.protocol, address) for address, client in self._clients.items() if self._recent(client)]
        if not spoken:
            return ""
        protocol, address = min(spoken)
        return _words(protocol) if protocol >= "TLSv1.2" else f"{_words(protocol)} ({address})"

    def last_old(self) -> tuple[str, str, float] | None:
        """Who spoke a TLS below 1.2 last: address, protocol and when (seconds since 1970); None since the start."""
        with self._lock:
            old = [
                (client.last_request, address, client.protocol)
                for address, client in self._clients.items()
                if client.protocol and client.protocol < "TLSv1.2"
            ]
        if not old:
            return None
        at, address, protocol = max(old)
        return address, _words(protocol), at

    def _recent(self, client: _Client) -> bool:
        return self._clock() - client.last_request < _DAY_S

    def _client(self, address: str) -> _Client:
        client = self._clients.setdefault(address, _Client())
        self._clients.move_to_end(address)
        while len(self._clients) > _MAX_CLIENTS:
            self._clients.popitem(last=False)
        return client
