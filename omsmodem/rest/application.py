"""The door as a WSGI application: who asks, for what, and what the gate and the store say."""

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from importlib import resources
from typing import TYPE_CHECKING, Any

from omsmodem.accounts import Account, AccountError
from omsmodem.facts import Condition
from omsmodem.intake import Intake
from omsmodem.message import Door, Reason, Refusal, Submission
from omsmodem.rest import shapes
from omsmodem.rest.http import Answer, Request, answered, body_of, problem_answer, read
from omsmodem.rest.problems import Problem, plain, refused
from omsmodem.rest.shapes import Post, read_post
from omsmodem.rest.tokens import Bearers
from omsmodem.store import Store
from omsmodem.store.errors import KeyReused, StoreError
from omsmodem.store.search import Criteria
from omsmodem.wording import sentence

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

_log = logging.getLogger(__name__)

PREFIX = "/api/v1"
_PAGE, _MOST = 50, 200
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_MESSAGE = re.compile(r"/messages/([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class House:
    """What stands behind the door."""

    store: Store
    intake: Intake
    bearers: Bearers
    condition: Callable[[], Condition]
    clock: Callable[[], datetime]
    horizon: timedelta = timedelta(days=366)
    most_octets: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Operation:
    """What answers one method of one path, the scope it needs, and the parameters it knows."""

    answer: Callable[[Request, Account], Answer]
    scope: str
    parameters: frozenset[str] = frozenset()


class RestApplication:
    """Answers every path below PREFIX."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._document = resources.files("omsmodem.rest").joinpath("openapi.json").read_bytes()
        self._operations = {
            "/messages": {
                "POST": _Operation(self._send, "send"),
                "GET": _Operation(self._messages, "read", frozenset({"before", "limit", "to", "state"})),
            },
            "/incoming": {"GET": _Operation(self._incoming, "incoming", frozenset({"after", "limit"}))},
            "/status": {"GET": _Operation(self._status, "read")},
        }
        self._one = {"GET": _Operation(self._message, "read")}

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request; nothing is ever raised to the server."""
        try:
            answer = self._answer(read(environ))
        except Problem as problem:
            answer = problem_answer(problem)
        except (StoreError, AccountError) as error:
            _log.warning("request not answered path=%s: %s", environ.get("PATH_INFO", ""), error)
            answer = problem_answer(Problem(HTTPStatus.SERVICE_UNAVAILABLE, Reason.UNAVAILABLE, str(error)))
        except Exception:  # noqa: BLE001 - a traceback belongs into the log, never to a client
            _log.exception("request failed")
            fault = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, Reason.FAULT, sentence(Reason.FAULT))
            answer = problem_answer(fault)
        start_response(f"{answer.status.value} {answer.status.phrase}", answer.all_headers())
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    def _answer(self, request: Request) -> Answer:
        path = request.path.removeprefix(PREFIX)
        if path == "/openapi.json":
            _require(request, {"GET"})
            _require_known(request, frozenset())
            return Answer(self._document)
        operations = self._one if _MESSAGE.fullmatch(path) else self._operations.get(path)
        if operations is None:
            raise Problem(HTTPStatus.NOT_FOUND, "not_found", "Nothing is here.")
        _require(request, set(operations))
        operation = operations[request.method]
        account = self._house.bearers.account(request.header("Authorization"), request.address, operation.scope)
        _require_known(request, operation.parameters)
        return operation.answer(request, account)

    # -- sending ----------------------------------------------------------------------------------------------------

    def _send(self, request: Request, account: Account) -> Answer:
        body = body_of(request, self._house.most_octets)
        key = request.environ.get("HTTP_IDEMPOTENCY_KEY")
        if key is None:
            _, document = self._submit(request, account, read_post(body), ())
            return _created(document)
        if _KEY.fullmatch(key) is None:
            detail = "Idempotency-Key must be 1 to 200 printable ASCII characters."
            raise Problem(HTTPStatus.BAD_REQUEST, "bad_key", detail)
        digest = hashlib.sha256(body).digest()
        try:
            kept = self._house.store.idempotency.once(
                account.name, key, digest, lambda: self._submit(request, account, read_post(body), (key,))
            )
        except KeyReused as error:
            raise Problem(HTTPStatus.CONFLICT, "key_reused", str(error)) from error
        return _created(kept)

    def _submit(self, request: Request, account: Account, post: Post, ids: tuple[str, ...]) -> tuple[int, bytes]:
        """The submission that the gate accepted, and the answer's document. Raises Problem where it accepted nothing."""
        house = self._house
        if post.not_before is not None and post.not_before > house.clock() + house.horizon:
            value = post.not_before.isoformat()
            raise refused([Refusal(Reason.BAD_SCHEDULE, None, sentence(Reason.BAD_SCHEDULE, value=value))])
        client = "".join(c for c in request.header("User-Agent") if c.isprintable())[:100]
        submission = Submission(
            account.name,
            Door.REST,
            post.to,
            (post.text,),
            client=client,
            source=request.address,
            not_before=post.not_before,
            content_ids=ids,
        )
        receipt = house.intake.submit_as(account.name, submission)
        if receipt.submission_id is None:
            raise refused(receipt.refused)
        found = [house.store.history.message(message_id) for message_id in receipt.accepted]
        document = {
            "submission": receipt.submission_id,
            "messages": [shapes.outgoing(message) for message in found if message is not None],
            "refused": [plain(refusal) for refusal in receipt.refused],
        }
        return receipt.submission_id, json.dumps(document).encode()

    # -- reading ----------------------------------------------------------------------------------------------------

    def _message(self, request: Request, account: Account) -> Answer:
        found = _MESSAGE.fullmatch(request.path.removeprefix(PREFIX))
        message = self._house.store.history.message(int(found[1])) if found is not None else None
        if message is None or message.account != account.name:
            raise Problem(HTTPStatus.NOT_FOUND, "not_found", "There is no such message of this account.")
        return answered(shapes.outgoing(message))

    def _messages(self, request: Request, account: Account) -> Answer:
        query = request.query
        criteria = Criteria(account.name, number=query.get("to", ""), states=shapes.states(query))
        limit = shapes.whole(query, "limit", _PAGE, _MOST)
        page = self._house.store.search.messages(
            criteria, before=shapes.whole(query, "before", None), limit=limit or _PAGE
        )
        return answered({"messages": [shapes.outgoing(message) for message in page.messages], "older": page.older})

    def _incoming(self, request: Request, account: Account) -> Answer:
        after = shapes.whole(request.query, "after", 0) or 0
        limit = shapes.whole(request.query, "limit", _PAGE, _MOST) or _PAGE
        found = self._house.store.inbox.changes(after, account.name, limit)
        listed = [shapes.incoming(position, message) for position, message in found]
        return answered({"incoming": listed, "next": found[-1][0] if found else after})

    def _status(self, _request: Request, _account: Account) -> Answer:
        return answered(shapes.condition(self._house.condition()))


def _require(request: Request, methods: set[str]) -> None:
    if request.method in methods:
        return
    allowed = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))
    detail = f"Only {allowed} are understood here."
    raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "bad_method", detail, headers=(("Allow", allowed),))


def _require_known(request: Request, parameters: frozenset[str]) -> None:
    unknown = sorted(set(request.query) - parameters)
    if unknown:
        raise Problem(HTTPStatus.BAD_REQUEST, "bad_query", f"{unknown[0]!r} is no parameter of this.")


def _created(document: bytes) -> Answer:
    return Answer(document, HTTPStatus.CREATED)
