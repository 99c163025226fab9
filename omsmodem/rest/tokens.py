"""Tokens: made, shown once, and recognised again.

A token is `omsmodem_NUMBER_SECRET`. The number finds the row, the secret's digest is compared in constant time. The secret has
256 bits, so a plain SHA-256 keeps it as well as a slow hash would keep a password.
"""

import hashlib
import hmac
import re
import secrets
from http import HTTPStatus

from omsmodem.accounts import Account, Accounts, NotVerified
from omsmodem.rest.problems import Problem
from omsmodem.store import Tokens
from omsmodem.store.tokens import Token

#: What a token may allow: to send texts, to read what became of them, to read what came in.
SCOPES = ("send", "read", "incoming")
_TOKEN = re.compile(r"omsmodem_([0-9]{1,18})_([A-Za-z0-9_-]{43})")
_NOBODY = hashlib.sha256(b"").digest()
_CHALLENGE = 'Bearer realm="omsmodem"'


def issue(tokens: Tokens, account: str, label: str, scopes: frozenset[str]) -> str:
    """A new token of an account; this is the only time that its secret is told."""
    secret = secrets.token_urlsafe(32)
    return f"omsmodem_{tokens.add(account, label, scopes, _digest(secret))}_{secret}"


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


class Bearers:
    """Who asks, by the token that is shown. Wrong ones are counted with wrong passwords."""

    def __init__(self, tokens: Tokens, accounts: Accounts) -> None:
        self._tokens = tokens
        self._accounts = accounts

    def account(self, authorization: str, address: str, scope: str) -> Account:
        """The account of a bearer token (RFC 6750) that allows `scope`. Raises Problem."""
        token = self._token(authorization, address)
        if scope not in token.scopes:
            challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{scope}"'
            raise Problem(
                HTTPStatus.FORBIDDEN,
                "insufficient_scope",
                f"This token does not allow {scope}.",
                headers=(("WWW-Authenticate", challenge),),
            )
        account = self._accounts.get(token.account)
        if account is None or not account.enabled:
            raise Problem(HTTPStatus.FORBIDDEN, "account_disabled", "The account of this token is switched off.")
        return account

    def _token(self, authorization: str, address: str) -> Token:
        kind, _, shown = authorization.partition(" ")
        if kind.lower() != "bearer" or not shown.strip():
            raise _unauthorised("no_token", "Show a token: Authorization: Bearer …", _CHALLENGE)
        match = _TOKEN.fullmatch(shown.strip())
        token = self._tokens.get(int(match[1])) if match is not None else None
        right = hmac.compare_digest(
            token.digest if token is not None else _NOBODY, _digest(match[2] if match is not None else shown)
        )
        if token is None or not right:
            self._count(f"token {match[1] if match is not None else '?'}", shown, address)
            challenge = f'{_CHALLENGE}, error="invalid_token"'
            raise _unauthorised("invalid_token", "This token is not known; it may have been removed.", challenge)
        return token

    def _count(self, name: str, shown: str, address: str) -> None:
        """Count a wrong token. Raises Problem where too many came from there."""
        attempt = _digest(shown)
        try:
            self._accounts.throttle.admit(address, name, attempt)
        except NotVerified as error:
            raise Problem(
                HTTPStatus(429), "paused", "Too many wrong tokens came from there.", headers=(("Retry-After", "60"),)
            ) from error
        self._accounts.throttle.failed(address, name, attempt)


def _unauthorised(reason: str, detail: str, challenge: str) -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, reason, detail, headers=(("WWW-Authenticate", challenge),))
