"""A Postfix of our own on ports of this machine: hands mail for our domain to the door, the office's own to its mailboxes."""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/log/mail.log
maillog_file_prefixes = {home}
myhostname = mail.harbour.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relay_domains = sms.harbour.example, harbour.example
relay_recipient_maps =
recipient_delimiter =
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_sender_login_maps = inline:{{ {{ dana@harbour.example = dana }}, {{ fish@harbour.example = fish }} }}
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ sms.harbour.example = {only_signed_in} }} }},
    permit_mynetworks, reject
transport_maps = inline:{{ {transports} }}
smtp_tls_security_level = may
alias_maps =
"""
#: The recipe of docs/mail.md: who may write to numbers.
ONLY_SIGNED_IN = "reject_authenticated_sender_login_mismatch, permit_sasl_authenticated, reject"
_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def running(sasl: int, transports: Mapping[str, str]) -> Iterator[int]:
    """Start it and yield its port; it is stopped and its files are removed in the end.

    `sasl` is the port of the Dovecot that knows the passwords; `transports` say whom mail for a domain or an address is handed
    to, as Postfix writes it: `smtp:[127.0.0.1]:5587`.
    """
    maps = ", ".join(f"{{ {whose} = {transport} }}" for whose, transport in transports.items())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    home = Path(tempfile.mkdtemp(prefix="omsmodem-postfix-", dir="/var/tmp"))  # its own user must get there
    try:
        home.chmod(0o755)
        for name in ("etc", "queue", "log"):
            (home / name).mkdir()
        (home / "data").mkdir()
        shutil.chown(home / "data", "postfix")
        (home / "etc" / "main.cf").write_text(
            _MAIN.format(home=home, sasl=sasl, only_signed_in=ONLY_SIGNED_IN, transports=maps)
        )
        (home / "etc" / "master.cf").write_text(_MASTER.format(port=port))
        _postfix(home, "start")
        yield port
    finally:
        _postfix(home, "abort", check=False)
        shutil.rmtree(home, ignore_errors=True)


def _postfix(home: Path, what: str, *, check: bool = True) -> None:
    command = ["postfix", "-c", str(home / "etc"), what]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 0 or not check, found.stdout + found.stderr
