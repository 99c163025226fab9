"""aiosmtpd's protocol with what an office needs: bounded sessions, sign-in off the loop, DSN (RFC 3461), LMTP (RFC 2033)."""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from omsmodem.addresses import AddressList, plain
from omsmodem.maildoor.refusals import Refusals

#: Commands of one connection: a mail server hands over many mails, a guesser gets a few tries.
_CALLS = {"*": 100, "RCPT": 1000, "AUTH": 5}
#: The gate has logged that already, for whoever counts guesses.
_NOT_SIGNED_IN = "535"
_FAREWELL_S = 5.0
#: What may come between two replies beside a mail.
_MANY_COMMANDS = 64 * 1024
_ENVELOPE_ID = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2}){0,100}")
_NOTIFY = {"NEVER", "SUCCESS", "FAILURE", "DELAY"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may take of the listener."""

    octets: int = 1024 * 1024
    connections: int = 50
    connections_per_address: int = 10
    session_s: float = 300.0
    idle_s: float = 60.0


class Places:
    """Who is connected, from where; only the loop's thread touches it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.taken: dict[Session, str] = {}

    def take(self, session: "Session", address: str) -> bool:
        """A place for a connection from there; False when there is none."""
        of_address = sum(1 for each in self.taken.values() if each == address)
        if len(self.taken) >= self._limits.connections or of_address >= self._limits.connections_per_address:
            return False
        self.taken[session] = address
        return True

    def leave(self, session: "Session") -> None:
        """The connection is over."""
        self.taken.pop(session, None)

    def dismiss(self) -> None:
        """Send everybody away."""
        for session in list(self.taken):
            session.dismiss()

    def cut(self) -> None:
        """End the connections of those who have not gone."""
        for session in list(self.taken):
            session.cut()


class Session(SMTP):
    """One connection. `sign_in(user, password, address)` says in SMTP's words why not, or returns an account's name."""

    def __init__(
        self,
        handler: Any,
        limits: Limits,
        places: Places,
        *,
        hostname: str,
        context: ssl.SSLContext,
        implicit: bool,
        trusted: AddressList,
        allowed: AddressList,
        sign_in: Callable[[bytes, bytes, str], Awaitable[tuple[str, str]]],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        super().__init__(
            handler,
            data_size_limit=limits.octets,
            hostname=hostname,
            ident="omsmodem",
            tls_context=None if implicit else context,
            require_starttls=not implicit,
            timeout=limits.idle_s,
            auth_require_tls=not implicit,
            authenticator=_take,
            command_call_limit=_CALLS,
            loop=loop,
        )
        self._auth_required = True  # given above, aiosmtpd would warn: it knows only of TLS that STARTTLS began
        self._limits = limits
        self._places = places
        self._trusted = trusted
        self._allowed = allowed
        self._sign_in = sign_in
        self._place = ""
        self._refusals = Refusals("")
        self._unanswered = 0  # octets since our last reply
        self._owed = 0  # replies to the mail that comes in: one, or by LMTP one for each recipient
        self.lmtp = False
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Admit a connection for a bounded time, or cut it; called again when STARTTLS has done its part."""
        if self._end is None:
            address = plain(str((transport.get_extra_info("peername") or ("",))[0]))
            if address not in self._allowed or not self._places.take(self, address):
                assert isinstance(transport, asyncio.Transport)
                reply = "421 4.7.0 Not now, or not from there"
                Refusals(address).say(reply)
                _send_away(transport, reply)
                return
            self._place = address
            self._refusals = Refusals(address)
            self._end = self.loop.call_later(self._limits.session_s, self._timeout_cb)
            if address in self._trusted:
                self._auth_required = False
                self.require_starttls = False
        super().connection_made(transport)
        assert self.session is not None
        self.session.peer = self._place

    def data_received(self, data: bytes) -> None:
        """Whoever sends and sends, and never ends a mail or a line, is stopped before it fills the memory."""
        self._unanswered += len(data)
        if self._unanswered <= 2 * self._limits.octets + _MANY_COMMANDS:
            super().data_received(data)
        else:
            self._turn_out(f"552 5.3.4 At most {self._limits.octets} octets are taken")

    def connection_lost(self, error: Exception | None) -> None:
        """Make room for another."""
        if self._end is None:
            return
        self._end.cancel()
        self._places.leave(self)
        self._refusals.close()
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """The other end says no more."""
        return False if self._end is None else super().eof_received()

    def dismiss(self) -> None:
        """The service stops."""
        if isinstance(self.transport, asyncio.Transport):
            _send_away(self.transport, "421 4.3.2 The service stops")

    def cut(self) -> None:
        """End the connection."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()

    def _timeout_cb(self) -> None:
        """What aiosmtpd calls for a client that says nothing; here also for one that says little, for long."""
        self._turn_out("421 4.4.2 Too slow")

    def _turn_out(self, reply: str) -> None:
        """Say why and close; whoever does not take the reply is cut off."""
        if isinstance(self.transport, asyncio.Transport) and not self.transport.is_closing():
            self._refusals.say(reply)
            _send_away(self.transport, reply)
            self.loop.call_later(_FAREWELL_S, self.cut)

    async def push(self, status: str | bytes) -> None:
        """Reply; what was refused is logged. By LMTP a mail has a reply for each recipient (RFC 2033 §4.2)."""
        replies = (status if isinstance(status, str) else status.decode("ascii")).split("\r\n")
        if self._owed:
            replies = replies * self._owed if len(replies) == 1 else replies
            self._owed = 0
        elif self.lmtp and self.envelope is not None and replies[0].startswith("354"):
            self._owed = len(self.envelope.rcpt_tos)
        for reply in replies:
            if reply.startswith(("4", "5")) and not reply.startswith(_NOT_SIGNED_IN):
                self._refusals.say(reply)
        self._unanswered = 0
        await super().push("\r\n".join(replies))

    async def smtp_LHLO(self, arg: str | None) -> None:
        """The greeting of LMTP, for trusted mail servers: a mail can then be taken for some of its recipients."""
        if self._place not in self._trusted:
            await self.push("500 5.5.1 LMTP is for the mail servers of this service")
            return
        self.lmtp = True
        await self.smtp_EHLO(arg or "")

    # -- signing in -------------------------------------------------------------------------------------------------

    async def auth_PLAIN(self, _: Any, args: list[str]) -> AuthResult:
        """RFC 4616."""
        return await self._judge(await super().auth_PLAIN(_, args))

    async def auth_LOGIN(self, _: Any, args: list[str]) -> AuthResult:
        """What Outlook speaks."""
        return await self._judge(await super().auth_LOGIN(_, args))

    async def _judge(self, taken: AuthResult) -> AuthResult:
        """Compare a password in a thread of its own: that takes its time, and others are being served."""
        given = taken.auth_data
        if not taken.success or not isinstance(given, LoginPassword):
            return taken
        name, reply = await self._sign_in(given.login, given.password, self._place)
        return AuthResult(success=bool(name), handled=False, message=reply or None, auth_data=name)

    # -- delivery status notifications (RFC 3461) -------------------------------------------------------------------

    async def smtp_MAIL(self, arg: str | None) -> None:
        """ENVID comes back in reports; RET changes nothing, because the mail itself is not sent back."""
        self._refusals.close()
        kept, taken = _without(arg, {"RET", "ENVID"})
        if _ENVELOPE_ID.fullmatch(taken.get("ENVID", "")) is None:
            await self.push("501 5.5.4 ENVID is up to 100 characters of xtext")
            return
        await super().smtp_MAIL(kept)
        if self.envelope is not None:
            self.envelope.envelope_id = taken.get("ENVID", "")  # type: ignore[attr-defined] # ours, like its mail

    async def smtp_RCPT(self, arg: str | None) -> None:
        """NOTIFY says what the sender wants to be told."""
        kept, taken = _without(arg, {"NOTIFY", "ORCPT"})
        wishes = set(taken.get("NOTIFY", "").upper().split(",")) - {""}
        if wishes - _NOTIFY or ("NEVER" in wishes and len(wishes) > 1):
            await self.push("501 5.5.4 NOTIFY is NEVER, or some of SUCCESS, FAILURE, DELAY")
            return
        before = len(self.envelope.rcpt_tos) if self.envelope is not None else 0
        await super().smtp_RCPT(kept)
        if self.envelope is not None and len(self.envelope.rcpt_tos) > before:
            self.envelope.rcpt_options.append(",".join(sorted(wishes)))


def _send_away(transport: asyncio.Transport, reply: str) -> None:
    transport.write(f"{reply}\r\n".encode())
    transport.close()


def _take(_server: SMTP, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword) -> AuthResult:
    """Credentials are only taken here; Session judges them."""
    return AuthResult(success=True, handled=False, auth_data=given)


def _without(arg: str | None, names: set[str]) -> tuple[str | None, dict[str, str]]:
    """A command's argument without some of its parameters, and these."""
    if arg is None or ">" not in arg:
        return arg, {}
    path, mark, rest = arg.rpartition(">")
    words = rest.split()
    taken = {word.partition("=")[0].upper(): word.partition("=")[2] for word in words}
    kept = [word for word in words if word.partition("=")[0].upper() not in names]
    return " ".join([path + mark, *kept]), {name: value for name, value in taken.items() if name in names}
