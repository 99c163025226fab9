"""What a script gets when something is refused: problem details (RFC 9457), with the gate's own reasons."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from omsmodem.message import Reason, Refusal
from omsmodem.wording import whole

CONTENT_TYPE = "application/problem+json"
_UNPROCESSABLE, _TOO_MANY = HTTPStatus(422), HTTPStatus(429)

#: What a script is told with another status than 422: it may not, it is too much for now, or we cannot now.
_STATUS: Mapping[Reason, HTTPStatus] = {
    Reason.INVALID_USER: HTTPStatus.FORBIDDEN,
    Reason.UNKNOWN_ACCOUNT: HTTPStatus.FORBIDDEN,
    Reason.ACCOUNT_DISABLED: HTTPStatus.FORBIDDEN,
    Reason.NOT_REGISTERED: HTTPStatus.FORBIDDEN,
    Reason.QUOTA_MINUTE: _TOO_MANY,
    Reason.QUOTA_DAY: _TOO_MANY,
    Reason.QUOTA_MONTH: _TOO_MANY,
    Reason.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Reason.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Reason.NO_NETWORK: HTTPStatus.SERVICE_UNAVAILABLE,
    Reason.SERVICE_CEASED: HTTPStatus.SERVICE_UNAVAILABLE,
    Reason.FAULT: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class Problem(Exception):
    """A request that is refused. `reason` is a stable word for programs, `detail` a sentence for people."""

    def __init__(
        self,
        status: HTTPStatus,
        reason: str,
        detail: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.reason = reason
        self.headers = tuple(headers)
        self.members = members

    def body(self) -> bytes:
        """The problem document."""
        document = {
            "type": f"urn:omsmodem:problem:{self.reason}",
            "title": self.status.phrase,
            "status": self.status.value,
            "reason": self.reason,
            "detail": str(self),
            **self.members,
        }
        return json.dumps(document).encode()


def refused(refusals: Sequence[Refusal]) -> Problem:
    """The problem of a submission of which nothing was accepted."""
    first = refusals[0]
    status = _STATUS.get(first.reason, _UNPROCESSABLE)
    retry = (("Retry-After", "60"),) if first.reason in {Reason.QUOTA_MINUTE, Reason.BUSY, Reason.UNAVAILABLE} else ()
    listed = [plain(refusal) for refusal in refusals if refusal.recipient is not None]
    return Problem(status, first.reason, whole(first), headers=retry, **({"refused": listed} if listed else {}))


def plain(refusal: Refusal) -> dict[str, str]:
    """One refused recipient as JSON has it."""
    return {"to": refusal.recipient or "", "reason": refusal.reason, "detail": whole(refusal)}
