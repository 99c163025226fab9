"""Keys of the HTTPS service: where it listens, for whom, and what one client may take of it."""

from datetime import date
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import field_validator, model_validator

from omsmodem.addresses import AddressList
from omsmodem.config.credentials import SecretFile
from omsmodem.config.section import Section, key
from omsmodem.config.values import Networks, Pauses, Seconds


class ListenConfig(Section):
    """Where the HTTPS listener is."""

    address: str = key("::", "`::` is every address, IPv6 and IPv4; name one to listen only there.")
    port: int = key(8443, "The HTTPS port.", ge=0, le=65535)
    allow_from: Networks = key(
        ("private",),
        "Who may connect: `private` (the usual office networks, and this machine), `any`, networks, addresses.",
    )


class LegacyListenerConfig(Section):
    """A second listener for PCs that speak only TLS 1.0 and cannot be helped. Weak; there is none without a port."""

    port: int | None = key(None, "Its port; null: there is none.", ge=0, le=65535)
    address: str = key("::", "As in `listen`.")
    allow_from: Networks = key((), 'The PCs that may use it, private addresses only, e.g. ["192.168.10.31"].')
    until: date | None = key(None, "The last day it is open, e.g. 2027-06-30; from then on it stays closed.")

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        if self.port is None:
            return self
        if not self.allow_from or not AddressList.parse(self.allow_from).is_private():
            raise ValueError("allow_from must name private addresses: weak TLS is for a few PCs of the office")
        if self.until is None:
            raise ValueError("until must name its last day, e.g. 2027-06-30")
        return self


class HttpsConfig(Section):
    """What one client may take of the HTTPS service; the defaults fit an office."""

    workers: int = key(12, "Requests answered at the same time.", ge=1, le=200)
    connections: int = key(256, "Open connections in all; a newcomer takes the place of an idle one.", ge=8, le=4000)
    connections_per_address: int = key(64, "The same for one address.", ge=4)
    handshake_seconds: Seconds = key(5, "Time for a TLS handshake.")
    head_seconds: Seconds = key(6, "Time for the head of a request, from its first octet.")
    body_seconds: Seconds = key(30, "Time for its body.")
    idle_seconds: Seconds = key(30, "How long a connection is kept between requests.")
    max_body_kib: int = key(256, "The largest request.", ge=16, le=4096)
    trusted_proxies: Networks = key((), "Reverse proxies that are believed about the address they ask for.")


class RestConfig(Section):
    """The door for scripts and monitoring, at `/api/v1` of the HTTPS service. See docs/rest.md."""

    enabled: bool = key(False, "Serve it; nobody may use it without a token (`omsmodem token add`).")
    max_body_kib: int = key(64, "The largest request.", ge=1, le=1024)


class WebhookConfig(Section):
    """An address to which incoming messages are posted, signed; there is none by default."""

    name: str = key("webhook1", "A name for logs.", min_length=1, pattern=r"^[A-Za-z0-9_-]+$")
    url: str = key(
        ...,
        "Where to; https, or http on this machine.",
        examples=["https://desk.harbour.example/texts"],
    )
    secret_file: SecretFile = key(
        ...,
        "A file with the secret that signs them, best `whsec_` and base64, or credential:NAME as in modems.pin_file.",
        examples=[Path("webhook.secret")],
    )
    account: str = key("", "Only messages for this account; empty: all.")
    ca_file: Path | None = key(None, "The CA of the receiver's certificate, where it is the office's own (PEM).")
    retry_minutes: Pauses = key(
        (0.1, 1, 5, 15, 60), "Pauses after the first, second, … vain attempt; the last one repeats."
    )
    give_up_hours: float = key(120, "A message that was not taken for so long is passed over, with an alarm.", gt=0)

    @field_validator("url")
    @classmethod
    def _is_guarded(cls, value: str) -> str:
        address = urlsplit(value)
        here = address.scheme == "http" and address.hostname in {"localhost", "127.0.0.1", "::1"}
        if not address.hostname or not (address.scheme == "https" or here):
            raise ValueError("must be an https:// address; http only on this machine")
        return value


class MailDoorConfig(Section):
    """The door for mail programs: who writes to a number at `domain` sends it a text. See docs/mail.md."""

    enabled: bool = key(False, "Listen. Needs `domain`.")
    domain: str = key(
        "", "The domain of the numbers, e.g. sms.harbour.example.", pattern=r"^([a-z0-9-]+(\.[a-z0-9-]+)*)?$"
    )
    address: str = key("::", "As in `listen`.")
    port: int = key(5587, "The port with STARTTLS; usual is 587.", ge=0, le=65535)
    tls_port: int | None = key(None, "A port with TLS from the start; usual is 465; null: none.", ge=0, le=65535)
    allow_from: Networks = key(("private",), "Who may connect, as in `listen`.")
    relays: Networks = key((), "Mail servers that need not sign in, e.g. [192.168.10.5]: keep it to single addresses.")
    authserv_id: str = key(
        "",
        "What a relay calls itself in Authentication-Results: its mails then need auth=pass or dmarc=pass there; empty:"
        " the relay itself lets only your own people come this way.",
    )
    groups: dict[str, tuple[str, ...]] = key(
        {}, 'Names for several numbers, e.g. {oncall: ["+447700900222", "+447700900333"]}.'
    )
    with_subject: bool = key(False, "Put the subject before the text, but for replies.")
    max_message_kib: int = key(1024, "The largest mail.", ge=16, le=51200)
    connections: int = key(50, "Open connections in all.", ge=1, le=1000)
    connections_per_address: int = key(10, "The same for one address.", ge=1)
    session_seconds: Seconds = key(300, "The longest that one connection may last.")

    @model_validator(mode="after")
    def _has_a_domain(self) -> Self:
        if self.enabled and not self.domain:
            raise ValueError("`domain` must say where people write to, e.g. sms.harbour.example")
        return self


class TlsConfig(Section):
    """The server's certificate."""

    certificate: Path = key(Path("tls/server.crt"), "The certificate and its chain (PEM); SIGHUP reads it again.")
    authority: Path = key(
        Path("tls/ca.cer"), "Our own authority's certificate, offered on the sign-up page if it is there."
    )
    kit: Path = key(Path("tls/windows-kit.zip"), "The Windows kit, offered there too.")
    key: Path = key(Path("tls/server.key"), "Its private key (PEM).")
