"""A Dovecot of our own: mail comes in by LMTP, people read it by IMAP, and Postfix asks it about passwords."""

import contextlib
import imaplib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from tests.acceptance.conftest import free_port

PASSWORD = "tide-table"
_CONF = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
listen = 127.0.0.1
protocols = imap lmtp
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{home}/mail/%n
auth_mechanisms = plain
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={home}/mail/%n
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {sasl}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"""


class Ports(NamedTuple):
    """Where mail comes in, where people read it, and where Postfix asks about passwords."""

    lmtp: int
    imap: int
    sasl: int


class Mailbox:
    """What a mail program sees of one person's mailbox."""

    def __init__(self, port: int, user: str) -> None:
        self._imap = imaplib.IMAP4("127.0.0.1", port, timeout=30)
        self._imap.login(user, PASSWORD)
        self._imap.select()

    def mails(self) -> list[EmailMessage]:
        """Every mail, oldest first, as Python's parser reads it."""
        self._imap.noop()  # what has come meanwhile
        _, found = self._imap.search(None, "ALL")
        numbers = found[0].split()
        return [message_from_bytes(self._fetch(one, "BODY.PEEK[]"), policy=policy.default) for one in numbers]

    def structure(self, number: int) -> str:
        """What the server says a mail is made of; programs choose by it how they show it."""
        _, found = self._imap.fetch(str(number), "BODYSTRUCTURE")
        return bytes(found[0]).decode()

    def threads(self) -> list[set[int]]:
        """The mails of each thread, as the server threads them by their References alone, and not by their subjects."""
        _, found = self._imap.thread("REFS", "UTF-8", "ALL")
        return [set(map(int, one.split())) for one in _outermost(found[0].decode())]

    def close(self) -> None:
        self._imap.logout()

    def _fetch(self, number: bytes, what: str) -> bytes:
        _, found = self._imap.fetch(number.decode(), f"({what})")
        return bytes(found[0][1])


def _outermost(listed: str) -> list[str]:
    """The contents of the outermost parentheses, without those inside."""
    threads, depth = [""], 0
    for character in listed:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character not in "()":
            threads[-1] += character
        elif depth == 0:
            threads.append("")
        else:
            threads[-1] += " "
    return threads[:-1]


@contextmanager
def running() -> Iterator[Ports]:
    """Start it and yield its ports; it is stopped and its files are removed in the end."""
    ports = Ports(free_port(), free_port(), free_port())
    home = Path(tempfile.mkdtemp(prefix="omsmodem-dovecot-", dir="/var/tmp"))  # other users must get there
    conf = home / "dovecot.conf"
    try:
        home.chmod(0o755)
        (home / "mail").mkdir()
        shutil.chown(home / "mail", "mail", "mail")
        conf.write_text(_CONF.format(home=home, password=PASSWORD, **ports._asdict()))
        subprocess.run(
            ["dovecot", "-c", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=True
        )  # a daemon would keep pipes open
        yield ports
    finally:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # `doveadm stop` takes its time
            os.kill(int((home / "run" / "master.pid").read_text()), signal.SIGTERM)
        shutil.rmtree(home, ignore_errors=True)
