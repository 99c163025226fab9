"""The mail server that takes our mails: SMTP with STARTTLS or TLS and a login (RFC 5321, 3207, 8314, 4954)."""

import contextlib
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from omsmodem.mail.errors import Deferred, Dropped, Rejected, RelayDown
from omsmodem.mail.letter import Mail

Security = Literal["starttls", "tls", "none"]
_PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
_CLOSING = 421  # the server ends the conversation, whatever was asked


def _no_password() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Relay:
    """How to reach the mail server. `password` is read anew for each conversation."""

    host: str
    port: int = 0  # 0: the usual one
    security: Security = "starttls"
    user: str = ""
    password: Callable[[], str] = _no_password
    ca_file: Path | None = None
    envelope_sender: str = ""
    timeout_s: float = 60.0

    def open(self) -> "Conversation":
        """Connect, secure the line and sign in. Raises RelayDown in words."""
        try:
            smtp = self._connect()
        except ssl.SSLCertVerificationError as error:
            why = f"its certificate is not trusted ({error.verify_message}); mail.ca_file names the office's own CA"
            raise RelayDown(f"the mail server {self.host} was not used: {why}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise RelayDown(f"the mail server {self.host} cannot be reached: {_words(error)}") from error
        try:
            self._sign_in(smtp)
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            smtp.close()
            raise RelayDown(f"the mail server {self.host} does not let us in: {_words(error)}") from error
        return Conversation(smtp, self.envelope_sender)

    def _connect(self) -> smtplib.SMTP:
        port = self.port or _PORTS[self.security]
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, port, timeout=self.timeout_s, context=self._context())
        smtp = smtplib.SMTP(self.host, port, timeout=self.timeout_s)
        if self.security == "starttls":
            try:
                smtp.starttls(context=self._context())
            except BaseException:
                smtp.close()
                raise
        return smtp

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_file)

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        if self.user:
            smtp.login(self.user, self.password())
        else:
            smtp.ehlo_or_helo_if_needed()


class Conversation:
    """An open connection on which mails are handed over one after the other."""

    def __init__(self, smtp: smtplib.SMTP, envelope_sender: str) -> None:
        self._smtp = smtp
        self._sender = envelope_sender

    def send(self, mail: Mail) -> None:
        """Hand over one mail. Raises Deferred and Rejected, after which others may follow; Dropped and RelayDown, the end."""
        try:
            self._smtp.sendmail(self._sender, mail.recipients, mail.message.as_bytes())
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _refused(code, text) from error
        except smtplib.SMTPSenderRefused as error:
            who = self._sender or "the empty envelope sender (mail.envelope_sender gives it another)"
            raise RelayDown(f"the mail server refuses {who}: {_answer(error.smtp_code, error.smtp_error)}") from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Dropped(f"the mail server went away in mid-dialogue: {_words(error)}") from error
        except (ValueError, UnicodeError) as error:
            raise Rejected(f"the address cannot be used: {error}") from error

    def close(self) -> None:
        """Say goodbye, whatever the state of the line."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self._smtp.quit()
        self._smtp.close()

    def abort(self) -> None:
        """Cut the line; whoever is sending on it gets Dropped. Any thread may call this."""
        with contextlib.suppress(OSError):
            if self._smtp.sock is not None:
                self._smtp.sock.shutdown(2)


def _refused(code: int, text: bytes | str) -> Deferred | Rejected:
    answer = _answer(code, text)
    if code == _CLOSING:
        return Dropped(answer)
    return Rejected(answer) if 500 <= code <= 599 else Deferred(answer)


def _answer(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())}"[:300]


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return " ".join(str(error).split())[:300] or type(error).__name__
