"""Keys for the way back: mails, incoming messages, automatic answers."""

from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator

from omsmodem.config.credentials import SecretFile
from omsmodem.config.section import Section, key
from omsmodem.config.values import Hours, MailAddress, Pauses

_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


class MailConfig(Section):
    """The mail server through which replies and failures reach people. Without a host no mail is sent."""

    host: str = key("", "The mail server (relay) that takes our mails, e.g. mail.harbour.example.")
    port: int = key(0, "Its port; 0: the usual one (starttls 587, tls 465, none 25).", ge=0, le=65535)
    security: Literal["starttls", "tls", "none"] = key(
        "starttls",
        "`starttls` and `tls` verify the server's certificate; `none` only on this machine or a trusted wire.",
    )
    ca_file: Path | None = key(None, "The CA that signed the server's certificate, where it is the office's own (PEM).")
    user: str = key("", "The name to sign in with; empty: without signing in.")
    password_file: SecretFile | None = key(None, "A file with its password, or credential:NAME as in modems.pin_file.")
    sender: MailAddress | None = key(
        None, "The address our mails come from, e.g. sms@harbour.example; needed once there is a host."
    )
    sender_name: str = key("", "The name beside it; empty: the service's name.")
    envelope_sender: MailAddress | None = key(
        None, "For servers that refuse the empty envelope sender, which keeps bounces from going round in circles."
    )
    default_mailbox: MailAddress | None = key(None, "Who gets incoming messages that are nobody's.")
    quote_messages: int = key(
        0, "So many earlier messages of the conversation are quoted below a reply. Outlook needs none.", ge=0, le=50
    )
    gather_seconds: float = key(
        60, "Failures of one text to several people are told in one mail; it waits so long for the next one.", ge=0
    )
    retry_minutes: Pauses = key((1, 5, 15, 60), "Pauses after the first, second, … vain attempt; the last one repeats.")
    give_up_hours: float = key(120, "A mail that could not be sent for so long is kept for a person to see.", gt=0)
    most_waiting: int = key(10_000, "Of more mails than this the newest are kept and not sent by themselves.", ge=1)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.host and self.sender is None:
            raise ValueError("a mail server needs `sender` too, the address our mails come from")
        if self.user and self.password_file is None:
            raise ValueError("`user` needs `password_file` too")
        if self.user and self.security == "none" and self.host not in _THIS_MACHINE:
            raise ValueError("a password would cross the network in clear: set security to starttls or tls")
        return self


class IncomingConfig(Section):
    """What is done with messages from phones."""

    window_days: float = key(14, "A reply goes to the account that wrote to its number within so many days.", gt=0)
    incomplete_minutes: float = key(
        60, "A long message with segments missing is given out with its gaps after this; the rest may follow.", gt=0
    )
    poll_minutes: float = key(
        15, "Modems lose indications: their storage is looked into this often all the same.", gt=0
    )
    blocked: tuple[str, ...] = key((), 'Senders whose messages are kept and not mailed, e.g. ["+44900*", "ADVERTS"].')
    most_mailed_per_hour: int = key(60, "Messages of one sender mailed within an hour; more are only kept.", ge=1)
    stop_words: tuple[str, ...] = key(
        ("STOP", "UNSUBSCRIBE", "STOPP"),
        "A message that says only this: no more texts from that account to that number (`omsmodem optout`).",
    )
    start_words: tuple[str, ...] = key(("START", "UNSTOP"), "A message that says only this lifts it again.")


class AutoReplyConfig(Section):
    """An answer that goes out by itself when nobody is there. Never to short codes or names."""

    text: str = key("", "The answer; empty: none.")
    working_hours: Hours = key(
        "", "When somebody is there and nothing is answered, e.g. Mon-Fri 08:00-17:00; empty: never."
    )
    account: str = key(
        "", "The account that answers, and pays, for messages that are nobody's; empty: they get no answer."
    )
    most_per_day: int = key(1, "Answers to one number a day, so that two machines do not talk for ever.", ge=1, le=5)
