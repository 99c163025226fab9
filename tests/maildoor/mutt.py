"""Mutt, a mail program as people use it: it writes with TLS and a login, reads by IMAP, and replies in a way of its own."""

import os
import pty
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from tests.maildoor import dovecot

_RC = """
set from=dana@harbour.example realname=Dana use_from=yes hostname=harbour.example
set spoolfile=imap://127.0.0.1:{imap}/INBOX record=imap://127.0.0.1:{imap}/INBOX
set imap_user=dana imap_pass={imap_password} ssl_force_tls=no
set smtp_url=smtp://dana@localhost:{smtp}/ smtp_pass="{smtp_password}" ssl_starttls=yes
set ssl_ca_certificates_file={authority}
set editor={home}/editor folder={home}
set fast_reply=yes include=yes abort_unmodified=no postpone=no recall=no copy=yes fcc_before_send=yes confirmappend=no
set quit=yes sort=mailbox-order delete=no sleep_time=0 mark_old=no wait_key=no beep=no
"""
#: People write above what is quoted.
_EDITOR = """#!/bin/sh
{ printf '%s\\n\\n' "$WORDS"; cat "$1"; } > "$1.new" && mv "$1.new" "$1"
"""


@dataclass(frozen=True)
class Mutt:
    """Dana's, set up in `home` for her mailbox and the door."""

    home: Path

    @classmethod
    def set_up(cls, home: Path, *, imap: int, smtp: int, password: str, authority: Path) -> "Mutt":
        """Write its files; `smtp` is the port with STARTTLS, whose certificate is `authority`'s."""
        home.mkdir()
        rc = _RC.format(
            home=home,
            imap=imap,
            imap_password=dovecot.PASSWORD,
            smtp=smtp,
            smtp_password=password,
            authority=authority,
        )
        (home / "rc").write_text(rc)
        (home / "editor").write_text(_EDITOR)
        (home / "editor").chmod(0o755)
        return cls(home)

    def write(self, to: str, subject: str, text: str, *, notify: str = "") -> None:
        """A new mail; `notify` is what its sender wants to be told (RFC 3461)."""
        command = ["mutt", "-F", str(self.home / "rc"), "-e", f'set dsn_notify="{notify}"', "-s", subject, "--", to]
        subprocess.run(command, input=text.encode(), env=self._environment(), timeout=60, check=True)

    def reply(self, text: str) -> None:
        """Open the mailbox, reply to the newest mail, and leave."""
        keys = 'push "<last-entry><reply><send-message><quit>"'
        self._at_a_terminal("mutt", "-F", str(self.home / "rc"), "-e", keys, WORDS=text)

    def _at_a_terminal(self, *command: str, **environment: str) -> None:
        ours, its = pty.openpty()
        process = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=self._environment(**environment))
        os.close(its)
        shown: list[bytes] = []
        screen = threading.Thread(target=_look, args=(ours, shown))
        screen.start()
        try:
            assert process.wait(30) == 0
        except (AssertionError, subprocess.TimeoutExpired) as error:
            raise AssertionError(b"".join(shown).decode(errors="replace")) from error
        finally:
            process.kill()
            process.wait()
            screen.join(10)
            os.close(ours)

    def _environment(self, **more: str) -> dict[str, str]:
        return os.environ | {"HOME": str(self.home), "TERM": "xterm", "LC_ALL": "C.UTF-8"} | more


def _look(terminal: int, shown: list[bytes]) -> None:
    """Take what a program draws, or it would wait for ever."""
    try:
        while octets := os.read(terminal, 4096):
            shown.append(octets)
    except OSError:  # the other end is closed
        return
